import APIMachinery
import Testing

struct JSONMembersTests {
    private static func members(_ text: String) -> [String]? {
        let bytes = Array(text.utf8)
        guard var scan = JSONMembers(bytes, 0..<bytes.count) else { return nil }
        var members: [String] = []
        while let (name, value) = scan.next() {
            members.append(
                "\(String(decoding: bytes[name], as: UTF8.self))=\(String(decoding: bytes[value], as: UTF8.self))")
        }
        return members
    }

    @Test(arguments: [
        ("{}", []),
        (#"{"a":1}"#, ["a=1"]),
        (
            #"{"a":"x,y}","b":{"c":[1,{"d":"]"}]},"e":[],"f":null} trailing"#,
            [
                #"a="x,y}""#, #"b={"c":[1,{"d":"]"}]}"#, "e=[]", "f=null",
            ]
        ),
        (#"{"a\"b":"c\\","d":-1.5e3}"#, [#"a\"b="c\\""#, "d=-1.5e3"]),
    ])
    func membersAsTheyAreWritten(text: String, members: [String]) {
        #expect(Self.members(text) == members)
    }

    @Test(arguments: ["", "[]", " {}", "null"])
    func whatIsNoObjectIsRefused(text: String) {
        #expect(Self.members(text) == nil)
    }

    @Test(arguments: [
        (#"{"a":"#, []), (#"{"a"1}"#, []), (#"{"a":"x"#, []), (#"{"a":1,"b":{"c"#, ["a=1"]), (#"{"a":"\"#, []),
        ("{a:1}", []),
    ])
    func brokenOnesEnd(text: String, members: [String]) {
        #expect(Self.members(text) == members)
    }
}
