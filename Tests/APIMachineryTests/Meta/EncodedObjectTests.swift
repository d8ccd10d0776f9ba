import Testing

@testable import APIMachinery

struct EncodedObjectTests {
    static func object(_ metadata: String) -> EncodedObject {
        let head = Array(#"{"kind":"Widget","metadata":"#.utf8)
        let value = Array(metadata.utf8)
        return EncodedObject(
            json: head + value + Array(#","spec":{"resourceVersion":"9"}}"#.utf8),
            metadata: head.count..<(head.count + value.count), cells: [], createdAt: 0,
            resourceVersion: ResourceVersion(9))
    }

    @Test(arguments: [
        (#"{"resourceVersion":"9"}"#, #"{"resourceVersion":"1234"}"#),
        (#"{"name":"w","resourceVersion":"9","uid":"u"}"#, #"{"name":"w","resourceVersion":"1234","uid":"u"}"#),
        (
            #"{"annotations":{"resourceVersion":"9","a":"\"resourceVersion\":\"9\""},"resourceVersion":"9"}"#,
            #"{"annotations":{"resourceVersion":"9","a":"\"resourceVersion\":\"9\""},"resourceVersion":"1234"}"#
        ),
        (#"{"name":"w"}"#, #"{"name":"w"}"#), (#"{}"#, #"{}"#), (#"{"resourceVersion":9}"#, #"{"resourceVersion":9}"#),
    ])
    func w07ANewVersionReplacesTheMetadatasOwnAndNothingElse(_ before: String, _ after: String) {
        let changed = Self.object(before).atVersion(ResourceVersion(1234))
        #expect(changed.json == Self.object(after).json)
        #expect(changed.resourceVersion == ResourceVersion(1234))
        #expect(changed.metadata == Self.object(after).metadata)
    }

    @Test(arguments: [
        (#","spec":{"createdAt":"now"}}"#, "now"), (#","spec":{"a":{"createdAt":"x"},"createdAt":"a\"b"}}"#, "a\"b"),
        (#","spec":{"createdAt":7}}"#, nil), (#","spec":{}}"#, nil),
        (#","spec":{"a":1},"status":{"createdAt":"x"}}"#, nil),
        (#","status":{"createdAt":"x"}}"#, nil), (#","spec":{"createdAt":"x"#, nil), (#","spec":{"#, nil), ("}", nil),
        ("", nil), (#","spec":[{"createdAt":"x"}]}"#, nil),
    ])
    func aTextOfTheSpecIsReadFromTheBytes(members: String, text: String?) {
        let metadata = #"{"kind":"Widget","metadata":{"createdAt":"m"}"#
        let object = EncodedObject(
            json: Array((metadata + members).utf8), metadata: 28..<metadata.utf8.count, cells: [], createdAt: 0,
            resourceVersion: ResourceVersion(9))
        #expect(object.specText("createdAt") == text)
    }

    @Test func theKeyIsReadFromTheBytes() {
        #expect(Self.object(#"{"name":"w","namespace":"p"}"#).key == ObjectKey(namespace: "p", name: "w"))
        #expect(Self.object(#"{"labels":{"name":"x"},"name":"w\"q"}"#).key == ObjectKey(namespace: "", name: "w\"q"))
        #expect(Self.object(#"{"labels":{"name":"x"}}"#).key == nil)
    }
}
