import Testing

@testable import APIMachinery

/// R07: JSON patches (RFC 6902).
struct JSONPatchTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let document: String
        let patch: String
        /// nil: the patch can't be applied.
        let result: String?
        init(_ document: String, _ patch: String, _ result: String?) {
            (self.document, self.patch, self.result) = (document, patch, result)
        }
        var testDescription: String { "\(document) \(patch)" }
    }

    /// Appendix A of RFC 6902, in its order (A.13, a member twice, is told as a duplicate field by the parser).
    static let appendix: [Vector] = [
        Vector(#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
        Vector(
            #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#
        ),
        Vector(#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        Vector(#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
        Vector(
            #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            #"{"baz":"boo","foo":"bar"}"#),
        Vector(
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#),
        Vector(
            #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#),
        Vector(
            #"{"baz":"qux","foo":["a",2,"c"]}"#,
            #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            #"{"baz":"qux","foo":["a",2,"c"]}"#),
        Vector(#"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, nil),
        Vector(
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            #"{"foo":"bar","child":{"grandchild":{}}}"#),
        Vector(
            #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#, #"{"foo":"bar","baz":"qux"}"#),
        Vector(#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, nil),
        Vector(#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
        Vector(#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, nil),
        Vector(
            #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            #"{"foo":["bar",["abc","def"]]}"#),
    ]

    /// What the sections of the RFC say besides.
    static let others: [Vector] = [
        Vector(#"{"a":1}"#, "[]", #"{"a":1}"#),
        Vector(#"{"a":1}"#, #"[{"op":"add","path":"","value":[1]}]"#, "[1]"),
        Vector(#"{"a":1}"#, #"[{"op":"replace","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
        Vector(#"{"a":1}"#, #"[{"op":"remove","path":""}]"#, nil),
        Vector(#"{"a":1}"#, #"[{"op":"add","path":"/a","value":null}]"#, #"{"a":null}"#),
        Vector(#"{"a":1}"#, #"[{"op":"add","path":"/","value":2}]"#, #"{"a":1,"":2}"#),
        Vector(#"{"a":[]}"#, #"[{"op":"add","path":"/a/0","value":1}]"#, #"{"a":[1]}"#),
        Vector(#"{"a":[1]}"#, #"[{"op":"add","path":"/a/1","value":2}]"#, #"{"a":[1,2]}"#),
        Vector(#"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":2}]"#, nil),
        Vector(#"{"a":[1]}"#, #"[{"op":"add","path":"/a/-1","value":2}]"#, nil),
        Vector(#"{"a":[1]}"#, #"[{"op":"add","path":"/a/00","value":2}]"#, nil),
        Vector(#"{"a":[1]}"#, #"[{"op":"add","path":"/a/99999999999999999999","value":2}]"#, nil),
        Vector(#"{"a":[1]}"#, #"[{"op":"add","path":"/a/x","value":2}]"#, nil),
        Vector(#"{"a":[1]}"#, #"[{"op":"remove","path":"/a/-"}]"#, nil),
        Vector(#"{"a":[1]}"#, #"[{"op":"replace","path":"/a/-","value":2}]"#, nil),
        Vector(#"{"a":[1]}"#, #"[{"op":"replace","path":"/a/1","value":2}]"#, nil),
        Vector(#"{"a":[{"b":1}]}"#, #"[{"op":"replace","path":"/a/0/b","value":2}]"#, #"{"a":[{"b":2}]}"#),
        Vector(#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":2}]"#, nil),
        Vector(#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, nil),
        Vector(#"{"a":1}"#, #"[{"op":"remove","path":"/a/b"}]"#, nil),
        Vector(#"{"a":1}"#, #"[{"op":"add","path":"/a/b","value":2}]"#, nil),
        Vector(#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, nil),
        Vector(#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":{"b":1}}"#),
        Vector(#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a/b","path":"/a"}]"#, #"{"a":1}"#),
        Vector(#"{"a":1}"#, #"[{"op":"move","from":"/b","path":"/a"}]"#, nil),
        Vector(#"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/a/c"}]"#, #"{"a":{"b":1,"c":{"b":1}}}"#),
        Vector(#"{"a":[1]}"#, #"[{"op":"copy","from":"/a/0","path":"/a/-"}]"#, #"{"a":[1,1]}"#),
        Vector(#"{"a":1}"#, #"[{"op":"copy","from":"/b","path":"/c"}]"#, nil),
        // Numbers are compared by value, all else as it is.
        Vector(#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1.0}]"#, #"{"a":1}"#),
        Vector(#"{"a":1e3}"#, #"[{"op":"test","path":"/a","value":1000}]"#, #"{"a":1e3}"#),
        Vector(#"{"a":[{"b":2.50}]}"#, #"[{"op":"test","path":"/a","value":[{"b":2.5}]}]"#, #"{"a":[{"b":2.50}]}"#),
        Vector(#"{"a":18446744073709551615}"#, #"[{"op":"test","path":"/a","value":18446744073709551614}]"#, nil),
        Vector(#"{"a":9007199254740993}"#, #"[{"op":"test","path":"/a","value":9007199254740992}]"#, nil),
        Vector(#"{"a":null}"#, #"[{"op":"test","path":"/a","value":null}]"#, #"{"a":null}"#),
        Vector(#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#, nil),
        Vector(#"{"a":{"x":1,"y":2}}"#, #"[{"op":"test","path":"/a","value":{"y":2,"x":1}}]"#, #"{"a":{"x":1,"y":2}}"#),
        Vector(#"{"a":[1,2]}"#, #"[{"op":"test","path":"/a","value":[2,1]}]"#, nil),
        Vector(#"{"a":[1,2]}"#, #"[{"op":"test","path":"/a","value":[1]}]"#, nil),
        // All or nothing, in order.
        Vector(
            #"{"a":1}"#,
            #"[{"op":"add","path":"/b","value":[]},{"op":"add","path":"/b/-","value":1},{"op":"remove","path":"/a"}]"#,
            #"{"b":[1]}"#),
        Vector(#"{"a":1}"#, #"[{"op":"remove","path":"/a"},{"op":"test","path":"/a","value":1}]"#, nil),
    ]

    @Test(arguments: appendix + others)
    func documentsArePatchedAsTheRFCSays(_ vector: Vector) throws {
        let document = try parsed(vector.document)
        let patch = try JSONPatch(try parsed(vector.patch))
        if let result = vector.result {
            #expect(try patch.apply(to: document) == (try parsed(result)))
        } else {
            #expect(throws: PatchError(.notApplicable, "")) { try patch.apply(to: document) }
        }
    }

    @Test(
        arguments: [
            (#"{}"#, .malformed), (#"null"#, .malformed), (#"[5]"#, .malformed), (#"[[]]"#, .malformed),
            (#"[{}]"#, .notApplicable), (#"[{"op":"add"}]"#, .notApplicable),
            (#"[{"op":"add","path":"/a"}]"#, .notApplicable),
            (#"[{"op":"spam","path":"/a"}]"#, .notApplicable),
            (#"[{"op":"ADD","path":"/a","value":1}]"#, .notApplicable),
            (#"[{"op":5,"path":"/a"}]"#, .notApplicable), (#"[{"op":"remove","path":5}]"#, .notApplicable),
            (#"[{"op":"remove","path":"a"}]"#, .notApplicable), (#"[{"op":"remove","path":"/~"}]"#, .notApplicable),
            (#"[{"op":"move","path":"/a"}]"#, .notApplicable),
            (#"[{"op":"copy","path":"/a","from":"b"}]"#, .notApplicable),
        ] as [(String, PatchError.Code)])
    func whatIsNoPatchIsRefused(_ text: String, _ code: PatchError.Code) throws {
        let json = try parsed(text)
        #expect(throws: PatchError(code, "")) { try JSONPatch(json) }
    }

    @Test func anErrorTellsTheOperationAndThePlace() throws {
        let patch = try JSONPatch(try parsed(#"[{"op":"add","path":"/b","value":1},{"op":"remove","path":"/x/y"}]"#))
        let error = #expect(throws: PatchError.self) { try patch.apply(to: ["a": 1]) }
        #expect(error?.operation == 1)
        #expect(error?.description == #"operation 1: there is nothing at "/x/y": no "x""#)
    }

    @Test func unknownMembersOfOperationsAreTold() throws {
        let patch = try JSONPatch(
            try parsed(#"[{"op":"remove","path":"/a","x":1},{"op":"remove","path":"/b","from":"/c","y":0}]"#))
        #expect(patch.unknownFields == ["[0].x", "[1].y"])
    }
}

/// What a JSON patch may cost.
struct JSONPatchLimitTests {
    private func apply(
        _ patch: JSONValue, to document: JSONValue, _ change: (inout JSONPatchLimits) -> Void = { _ in }
    ) throws(PatchError) -> JSONValue {
        var limits = JSONPatchLimits.default
        change(&limits)
        return try JSONPatch(patch, limits: limits).apply(to: document, limits: limits)
    }

    private func operations(_ count: Int, _ operation: JSONValue) -> JSONValue {
        .array(Array(repeating: operation, count: count))
    }

    @Test func tenThousandOperationsAreDoneAndOneMoreIsRefusedInKubernetesWords() throws {
        let test: JSONValue = ["op": "test", "path": "/a", "value": 1]
        #expect(try apply(operations(10_000, test), to: ["a": 1]) == ["a": 1])
        let error = #expect(throws: PatchError.self) { try apply(operations(10_001, test), to: ["a": 1]) }
        #expect(error?.code == .tooManyOperations)
        #expect(error?.message == "The allowed maximum operations in a JSON patch is 10000, got 10001")
    }

    @Test func copiesMayHaveSoManyBytesTogether() throws {
        let document: JSONValue = ["a": .string(String(repeating: "x", count: 98)), "b": []]
        let copy: JSONValue = ["op": "copy", "from": "/a", "path": "/b/-"]
        #expect(try apply(operations(10, copy), to: document) { $0.copiedBytes = 1000 }["b"]?.arrayValue?.count == 10)
        let error = #expect(throws: PatchError.self) {
            try apply(operations(11, copy), to: document) { $0.copiedBytes = 1000 }
        }
        #expect(error?.code == .tooExpensive)
        #expect(error?.operation == 10)
    }

    @Test func aDocumentThatDoublesWithEachCopyEnds() throws {
        let copy: JSONValue = ["op": "copy", "from": "", "path": "/a"]
        #expect(throws: PatchError(.tooExpensive, "")) { try apply(operations(10_000, copy), to: ["a": [1, 2, 3]]) }
    }

    @Test(arguments: ["add", "replace", "copy", "move"])
    func nothingNestsDeeperThanAllowed(_ name: String) throws {
        let deep: JSONValue = [[[[1]]]]
        let document: JSONValue = ["a": [[0]], "deep": deep]
        var operation: JSONObject = ["op": .string(name), "path": "/a/0/0", "value": deep, "from": "/deep"]
        if name == "add" { operation["path"] = "/a/0/-" }
        _ = try apply([.object(operation)], to: document) { $0.depth = 7 }
        #expect(throws: PatchError(.tooExpensive, "")) {
            try apply([.object(operation)], to: document) { $0.depth = 6 }
        }
    }

    /// Ten thousand operations that each shift, count or walk a large document.
    @Test(
        arguments: [
            (["op": "add", "path": "/list/0", "value": 1], "shifted"),
            (["op": "move", "from": "/list", "path": "/list2"], "walked"),
            (["op": "remove", "path": "/map/m1"], "counted"),
        ] as [(JSONValue, String)])
    func workIsBounded(_ operation: JSONValue, _ what: String) throws {
        let list = JSONValue.array(Array(repeating: 0, count: 1000))
        let map = JSONValue.object(JSONObject((0..<1000).map { ("m\($0)", .integer(0)) }))
        let document: JSONValue = ["list": list, "map": map]
        #expect(throws: PatchError(.tooExpensive, "")) { try apply([operation], to: document) { $0.steps = 900 } }
        _ = try apply([operation], to: document) { $0.steps = 1100 }
    }

    @Test func aPathAsLongAsTheBodyAllowsIsRefusedQuickly() throws {
        let path = String(repeating: "/a", count: 1 << 20)
        for name in ["add", "remove", "test", "replace"] {
            let operation: JSONValue = ["op": .string(name), "path": .string(path), "value": 1]
            #expect(throws: PatchError.self) { try apply([operation], to: ["a": ["a": 1]]) }
        }
    }

    @Test func changesDeepInsideAreMadeInPlace() throws {
        // 10 000 additions to a list below 20 levels: with a copy of the list for each it would be 5·10⁷ elements.
        var document: JSONValue = .array([])
        for _ in 0..<20 { document = ["a": document] }
        let path = String(repeating: "/a", count: 20) + "/-"
        let result = try apply(operations(10_000, ["op": "add", "path": .string(path), "value": 1]), to: document)
        var inner = result
        for _ in 0..<20 { inner = inner["a"] ?? .null }
        #expect(inner.arrayValue?.count == 10_000)
    }
}
