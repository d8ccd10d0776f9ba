import APIMachinery
import Testing

@testable import APIServer

struct TokenFileTests {
    static func file(_ text: String) -> SourceFile { SourceFile(path: "tokens.csv", bytes: Array(text.utf8)) }

    @Test func readsKubeAPIServersFormat() throws {
        let file = try TokenFile(
            Self.file(
                "t1,alice,u1,\"dev,ops\"\r\nt2,bob,\n\n\"t,3\",\"c \"\"q\"\" d\",u3,one,ignored,columns\nt4,eve,u4,\"system:masters\""
            ))
        #expect(
            file.user(of: "t1") == UserInfo(name: "alice", uid: "u1", groups: ["dev", "ops", "system:authenticated"]))
        #expect(file.user(of: "t2") == UserInfo(name: "bob", groups: ["system:authenticated"]))
        #expect(file.user(of: "t,3")?.name == #"c "q" d"#)
        #expect(file.user(of: "t,3")?.groups == ["one", "system:authenticated"])
        #expect(file.user(of: "t4")?.isMember(of: "system:masters") == true)
        for token in ["", "T1", "t1 ", "t", "alice"] { #expect(file.user(of: token) == nil) }
    }

    @Test func anEmptyFileKnowsNobody() throws {
        #expect(try TokenFile(Self.file("")).user(of: "") == nil)
        #expect(try TokenFile(Self.file("\n\r\n")).user(of: "") == nil)
    }

    @Test(arguments: [
        ("a,b\n", 1, "at least 3 columns (token, user name, user uid), found 2"), ("t,u,i\nsecret\n", 2, "found 1"),
        (",u,i\n", 1, "the token is empty"), ("t,,i\n", 1, "the user name is empty"),
        ("t,u,i\n\n\nt,v,j\n", 4, "the token is the same as that of line 1"), ("a\"b,u,i\n", 1, "a quote inside"),
        ("t,\"u\"x,i\n", 1, "text after a closing quote"), ("t,u,i\nt2,\"u\nv\nw", 2, "a quote that is never closed"),
        ("\"a\nb\",u,i\n\"c\"d,u,i", 3, "text after a closing quote"), (" \n", 1, "found 1"),
    ])
    func refusesWithTheLine(_ text: String, _ line: Int, _ message: String) {
        do {
            _ = try TokenFile(Self.file(text))
            Issue.record("was accepted")
        } catch {
            #expect(error.path == "tokens.csv")
            #expect(error.line == line)
            #expect(error.message.contains(message))
            #expect(!error.description.contains("secret"))
        }
    }

    @Test func refusesWhatIsNoUTF8() {
        #expect(throws: TokenFile.Malformed.self) {
            try TokenFile(SourceFile(path: "f", bytes: [0xFF, 0x2C, 0x61, 0x2C]))
        }
    }
}
