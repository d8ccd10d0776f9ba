import APIMachinery
import Testing

@testable import APIServer

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
        let changed = Self.object(before).versioned(ResourceVersion(1234))
        #expect(changed.json == Self.object(after).json)
        #expect(changed.metadata == Self.object(after).metadata)
    }

    @Test func theKeyIsReadFromTheBytes() {
        #expect(Self.object(#"{"name":"w","namespace":"p"}"#).key == ObjectKey(namespace: "p", name: "w"))
        #expect(Self.object(#"{"labels":{"name":"x"},"name":"w\"q"}"#).key == ObjectKey(namespace: "", name: "w\"q"))
        #expect(Self.object(#"{"labels":{"name":"x"}}"#).key == nil)
    }

    @Test func damagedBytesNeverTrap() {
        var random = SeededRandom(seed: 7)
        let seed = Array(#"{"name":"w","annotations":{"a":"\"b\\"},"resourceVersion":"9"}"#.utf8)
        for _ in 0..<5000 {
            let bytes = mutate(seed, using: &random)
            let object = EncodedObject(
                json: bytes, metadata: 0..<bytes.count, cells: [], createdAt: 0, resourceVersion: ResourceVersion(9))
            _ = object.versioned(ResourceVersion(10))
            _ = object.key
        }
    }

    @Test(arguments: [
        (false, true, SelectorTransition.entered), (true, true, .stayed), (true, false, .left),
        (false, false, .outside),
    ])
    func w07Transitions(_ before: Bool, _ after: Bool, _ expected: SelectorTransition) {
        #expect(SelectorTransition(before: before, after: after) == expected)
    }
}
