import APIMachinery
import Testing

/// L07: the grammar of field selectors (conformance 8.2).
struct FieldSelectorTests {
    typealias Requirement = FieldSelector.Requirement

    @Test(
        arguments: [
            ("", []), (",,", []), ("a=b", [Requirement("a", .equals, "b")]), ("a==b", [Requirement("a", .equals, "b")]),
            ("a!=b", [Requirement("a", .notEquals, "b")]), ("a=", [Requirement("a", .equals, "")]),
            ("a=b,c!=d", [Requirement("a", .equals, "b"), Requirement("c", .notEquals, "d")]),
            ("a=b\\,c", [Requirement("a", .equals, "b,c")]), ("a=\\\\\\=", [Requirement("a", .equals, "\\=")]),
            ("metadata.name=p1", [Requirement("metadata.name", .equals, "p1")]),
            ("=b", [Requirement("", .equals, "b")]),
            ("a=b!c", [Requirement("a", .equals, "b!c")]), ("a= b ", [Requirement("a", .equals, " b ")]),
        ] as [(String, [Requirement])])
    func readsTheGrammar(text: String, requirements: [Requirement]) throws {
        let selector = try FieldSelector(parsing: text)
        #expect(selector.requirements == requirements)
        #expect(try FieldSelector(parsing: selector.description) == selector)
    }

    @Test(
        arguments: [
            ("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
            ("a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'"),
            ("a!b", "invalid selector: 'a!b'; can't understand 'a!b'"),
            ("a=b=c", "invalid field selector: unescaped character in value: 61"),
            ("a=\\n", "invalid field selector: invalid escape sequence: \\n"),
            ("a=b\\", "invalid field selector: invalid escape sequence: \\"),
        ])
    func refusesEverythingElse(text: String, message: String) {
        #expect(throws: SelectorError(message)) { try FieldSelector(parsing: text) }
    }

    @Test(arguments: [("a=1", true), ("a!=1", false), ("z=", true), ("z!=", false), ("z!=1", true), ("a=1,z=1", false)])
    func aMissingFieldIsEmpty(text: String, matches: Bool) throws {
        let selector = try FieldSelector(parsing: text)
        #expect(selector.matches { $0 == "a" ? "1" : nil } == matches)
    }

    @Test func unsupportedFieldsAreNamed() throws {
        let selector = try FieldSelector(parsing: "metadata.name=a,spec.size=1")
        #expect(throws: SelectorError("field label not supported: spec.size")) {
            try selector.check(supported: FieldSelector.commonFields)
        }
        #expect(throws: Never.self) { try selector.check(supported: ["metadata.name", "spec.size"]) }
        #expect(SelectorError("x").statusError == .badRequest("x"))
    }

    @Test func anExactMatchIsAnEquality() throws {
        let selector = try FieldSelector(parsing: "metadata.namespace!=x,metadata.name=p1")
        #expect(selector.requiresExactMatch("metadata.name") == "p1")
        #expect(selector.requiresExactMatch("metadata.namespace") == nil)
    }
}
