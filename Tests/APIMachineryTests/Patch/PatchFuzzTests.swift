import TestSupport
import Testing

@testable import APIMachinery

/// Neither patch traps, whatever it is made of.
struct PatchFuzzTests {
    private static let documents = [
        #"{"metadata":{"name":"a","labels":{"a~b":"1","c/d":"2","":"3"},"finalizers":["x","y"]},"spec":{"n":[0,[1,[2]]]}}"#,
        "[]", "null", #"[[[[[[[[[[1]]]]]]]]]]"#, #"{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}"#,
    ]
    private static let patches = [
        #"[{"op":"add","path":"/metadata/labels/a~0b","value":{"x":[1]}},{"op":"copy","from":"","path":"/spec/n/-"}]"#,
        #"[{"op":"move","from":"/spec/n/1/1","path":"/spec/n/0"},{"op":"remove","path":"/metadata/labels/c~1d"}]"#,
        #"[{"op":"test","path":"/spec/n/0","value":0e0},{"op":"replace","path":"","value":[]},{"op":"add","path":"/-","value":1}]"#,
        #"[{"op":"add","path":"/a/a/a/a/a/99999999999999999999","value":1},{"op":"add","path":"/0/0/0","value":[[[[]]]]}]"#,
        #"{"metadata":{"labels":{"a~b":null,"new":"v"},"finalizers":null},"spec":{"n":[null]}}"#, "{}",
        #"{"a":{"a":{"a":null}}}"#,
    ]

    @Test func mutatedPatchesOfMutatedDocuments() {
        var random = SeededRandom(seed: 0x6902)
        for _ in 0..<6000 {
            let marks = #"/~01-"{}[],:9"#
            let document =
                Bool.random(using: &random)
                ? random.mutate(Self.documents, marks: marks) : pick(Self.documents, &random)
            let patch = random.mutate(Self.patches, marks: marks)
            let bytes = document.filter { $0 != 0x0A } + [0x0A] + patch
            #expect(fuzzPatch(bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func operationsPutTogetherAtRandom() {
        var random = SeededRandom(seed: 0x7396)
        let paths = [
            "", "/", "/metadata", "/metadata/labels", "/metadata/labels/a~0b", "/metadata/labels/c~1d",
            "/metadata/finalizers/-",
            "/metadata/finalizers/0", "/spec/n/1/1/0", "/spec/n/18446744073709551616", "/spec/n/-1", "/a/a/a",
            "/0/0/0/0", "/~", "x",
        ]
        let names = ["add", "remove", "replace", "move", "copy", "test", "none"]
        for _ in 0..<3000 {
            let operations = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                JSONValue.object([
                    "op": .string(names.randomElement(using: &random) ?? ""),
                    "path": .string(paths.randomElement(using: &random) ?? ""),
                    "from": .string(paths.randomElement(using: &random) ?? ""),
                    "value": (try? JSONValue.parse(pick(Self.documents, &random))) ?? .null,
                ])
            }
            let bytes = pick(Self.documents, &random) + [0x0A] + JSONValue.array(operations).encoded()
            #expect(fuzzPatch(bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func documentsAsDeepAsTheParserAllows() throws {
        let deep = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        let path = String(repeating: "/0", count: 511)
        let document = try parsed(deep)
        for name in ["add", "remove", "replace", "copy", "move"] {
            let operation: JSONValue = ["op": .string(name), "path": .string(path + "/-"), "from": "/0", "value": [[]]]
            let patch = try JSONPatch([operation])
            #expect(throws: PatchError.self) { try patch.apply(to: document) }
        }
        let replaced = try JSONPatch([["op": "replace", "path": .string(path), "value": 1]]).apply(to: document)
        #expect(replaced.encoded().count == 511 * 2 + 1)
        let wide = #"{"a":"# + String(repeating: #"{"a":"#, count: 510) + "null" + String(repeating: "}", count: 511)
        let patch = try MergePatch(try parsed(wide))
        #expect(patch.apply(to: patch.apply(to: [:])) == patch.apply(to: [:]))
    }

    private func pick(_ texts: [String], _ random: inout SeededRandom) -> [UInt8] {
        Array((texts.randomElement(using: &random) ?? "").utf8)
    }
}
