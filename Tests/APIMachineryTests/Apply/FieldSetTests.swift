import TestSupport
import Testing

@testable import APIMachinery

/// The wire form of field sets (conformance 8.8), and their algebra.
struct FieldSetTests {
    private static func set(_ json: String) throws -> FieldSet {
        try FieldSet(json: try JSONValue.parse(Array(json.utf8)))
    }

    private static func text(_ set: FieldSet) -> String { String(decoding: set.json.encoded(), as: UTF8.self) }

    @Test(arguments: [
        "{}", #"{"f:spec":{}}"#, #"{"f:spec":{".":{},"f:size":{}}}"#,
        #"{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:tags":{"v:\"x\"":{}},"f:targets":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}}}}}"#,
        #"{"f:a":{"i:3":{}}}"#, #"{"v:1":{},"v:10":{},"v:true":{}}"#, #"{"k:{\"a\":1,\"b\":\"x\"}":{}}"#,
        #"{"v:\"\\u003ca\\u003e\"":{}}"#, #"{"f:":{},"f:f:x":{}}"#,
    ])
    func whatIsReadIsWrittenTheSame(_ json: String) throws {
        #expect(Self.text(try Self.set(json)) == json)
    }

    @Test(arguments: [
        // Sorted: fields by bytes, then keys, then values by kind and size, then indexes.
        (
            #"{"i:1":{},"v:\"a\"":{},"v:10":{},"v:9":{},"k:{\"n\":1}":{},"f:b":{},"f:a":{},"f:B":{}}"#,
            #"{"f:B":{},"f:a":{},"f:b":{},"k:{\"n\":1}":{},"v:9":{},"v:10":{},"v:\"a\"":{},"i:1":{}}"#
        ),
        // The members of keys by name; the same step twice is one.
        (
            #"{"k:{\"b\":1,\"a\":2}":{"f:x":{}},"k:{\"a\":2,\"b\":1}":{"f:y":{}}}"#,
            #"{"k:{\"a\":2,\"b\":1}":{"f:x":{},"f:y":{}}}"#
        ),
        // What isn't known is left out; a path with nothing known below ends there.
        (#"{"z:new":{"f:a":{}},"f:b":{"z:new":{}}}"#, #"{"f:b":{}}"#),
        (#"{"f:a":{".":{}}}"#, #"{"f:a":{}}"#), (#"{".":{}}"#, "{}"),
    ])
    func setsHaveOneForm(_ json: String, _ expected: String) throws {
        #expect(Self.text(try Self.set(json)) == expected)
    }

    @Test(arguments: [
        "[]", "null", "5", #""f:a""#, #"{"f:a":[]}"#, #"{"f:a":null}"#, #"{"":{}}"#, #"{"f":{}}"#, #"{"fa":{}}"#,
        #"{"v:":{}}"#, #"{"v:x":{}}"#, #"{"k:[]":{}}"#, #"{"k:{":{}}"#, #"{"i:x":{}}"#,
        #"{"i:99999999999999999999":{}}"#, #"{"f:a":{"f:b":7}}"#,
    ])
    func otherShapesAreRefused(_ json: String) throws {
        #expect(throws: PathElement.Fault.self) { try Self.set(json) }
    }

    @Test func aPathCountsForItselfOnly() throws {
        let left = try Self.set(#"{"f:a":{".":{},"f:b":{},"f:c":{}},"f:d":{}}"#)
        let right = try Self.set(#"{"f:a":{"f:b":{}},"f:e":{}}"#)
        #expect(Self.text(left.union(right)) == #"{"f:a":{".":{},"f:b":{},"f:c":{}},"f:d":{},"f:e":{}}"#)
        #expect(Self.text(left.intersection(right)) == #"{"f:a":{"f:b":{}}}"#)
        #expect(Self.text(left.subtracting(right)) == #"{"f:a":{".":{},"f:c":{}},"f:d":{}}"#)
        #expect(Self.text(right.subtracting(left)) == #"{"f:e":{}}"#)
        let parent = try Self.set(#"{"f:a":{}}"#)
        #expect(Self.text(left.subtracting(parent)) == #"{"f:a":{"f:b":{},"f:c":{}},"f:d":{}}"#)
    }

    @Test func pathsAreToldAsInMessages() throws {
        let set = try Self.set(
            #"{"f:spec":{".":{},"f:t":{"k:{\"n\":\"a\",\"p\":80}":{"f:x":{}}},"f:s":{"v:\"q\\\"\"":{},"v:1.5":{},"i:0":{}}}}"#
        )
        #expect(
            set.paths.map(\.text) == [
                ".spec", #".spec.s[=1.5]"#, #".spec.s[="q\""]"#, ".spec.s[0]", #".spec.t[n="a",p=80].x"#,
            ])
        for path in set.paths { #expect(set.contains(path)) }
        #expect(!set.contains([]) && !set.contains([.field("spec"), .field("t")]))
    }

    /// Against sets of texts.
    @Test func theAlgebraIsThatOfSets() {
        var random = SeededRandom(seed: 0x5E7)
        for _ in 0..<300 {
            let (left, right) = (Self.paths(&random), Self.paths(&random))
            let (a, b) = (Self.made(left), Self.made(right))
            #expect(Self.texts(a) == Set(left.map(\.text)))
            #expect(Self.texts(a.union(b)) == Set(left.map(\.text)).union(right.map(\.text)))
            #expect(Self.texts(a.intersection(b)) == Set(left.map(\.text)).intersection(right.map(\.text)))
            #expect(Self.texts(a.subtracting(b)) == Set(left.map(\.text)).subtracting(right.map(\.text)))
            #expect((try? FieldSet(json: a.json)) == a)
        }
    }

    private static func texts(_ set: FieldSet) -> Set<String> { Set(set.paths.map(\.text)) }

    private static func made(_ paths: [[PathElement]]) -> FieldSet {
        var set = FieldSet()
        for path in paths { set.insert(path) }
        return set
    }

    private static func paths(_ random: inout SeededRandom) -> [[PathElement]] {
        let elements: [PathElement] = [
            .field("a"), .field("b"), .key(["n": "a"]), .key(["n": 1]), .value("x"), .value(2), .index(0),
        ]
        return (0..<Int.random(in: 0...8, using: &random)).map { _ in
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
                elements.randomElement(using: &random) ?? .index(0)
            }
        }
    }
}
