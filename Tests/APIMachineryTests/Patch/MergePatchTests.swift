import Testing

@testable import APIMachinery

/// R07: merge patches (RFC 7396).
struct MergePatchTests {
    /// Appendix A of RFC 7396, and cases of ours below it.
    static let vectors: [(target: String, patch: String, result: String)] = [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, #"null"#, #"null"#),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        // What is not there can't be removed; nulls inside of arrays are values.
        (#"{}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":[1]}"#, #"{"a":[null,{"b":null}]}"#, #"{"a":[null,{"b":null}]}"#),
        // Names that are equal for Unicode but not as bytes are two names.
        (#"{"\u00e9":1}"#, #"{"e\u0301":2}"#, #"{"\u00e9":1,"e\u0301":2}"#),
    ]

    @Test(arguments: vectors)
    func documentsAreMergedAsTheRFCSays(_ vector: (target: String, patch: String, result: String)) throws {
        let merged = MergePatch.merge(try parsed(vector.target), try parsed(vector.patch))
        #expect(merged == (try parsed(vector.result)))
    }

    @Test func membersKeepTheirPlacesAndNewOnesFollow() throws {
        let patch = try MergePatch(try parsed(#"{"d":4,"b":20,"c":null}"#))
        let merged = patch.apply(to: try parsed(#"{"a":1,"b":2,"c":3}"#))
        #expect(String(decoding: merged.encoded(), as: UTF8.self) == #"{"a":1,"b":20,"d":4}"#)
    }

    @Test(arguments: ["[]", "null", "5", #""x""#, "true"])
    func aPatchOfAnObjectIsAnObject(_ text: String) throws {
        let json = try parsed(text)
        #expect(throws: PatchError(.malformed, "")) { try MergePatch(json) }
    }

    @Test func deletingEveryMemberOfALargeObjectIsLinear() throws {
        let names = (0..<50_000).map { "member-\($0)" }
        let target = JSONValue.object(JSONObject(names.map { ($0, .integer(1)) }))
        let patch = try MergePatch(.object(JSONObject(names.map { ($0, .null) })))
        // A square would be 2.5·10⁹ steps: the test would not end.
        #expect(patch.apply(to: target) == .object([:]))
    }
}

func parsed(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }
