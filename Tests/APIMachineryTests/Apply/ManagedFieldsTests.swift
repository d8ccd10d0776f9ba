import Testing

@testable import APIMachinery

/// `metadata.managedFields` (conformance 8.8) and the names of writers.
struct ManagedFieldsTests {
    private static func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    private static func entry(_ members: String) -> String {
        "[{" + #""manager":"m","operation":"Apply","apiVersion":"a/v1","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}}"#
            + members + "}]"
    }

    @Test func entriesAreReadAndWrittenInOrder() throws {
        let json = try Self.json(
            """
            [{"manager":"b","operation":"Update","apiVersion":"a/v1","time":"2026-01-01T00:00:01Z","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}}},
             {"manager":"a","operation":"Update","apiVersion":"a/v1","time":"2026-01-01T00:00:01Z","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}},"subresource":"status"},
             {"manager":"z","operation":"Apply","apiVersion":"a/v1","time":"2026-01-01T00:00:09Z","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}}},
             {"manager":"y","operation":"Apply","apiVersion":"a/v1","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}}},
             {"manager":"a","operation":"Update","apiVersion":"a/v1","time":"2026-01-01T00:00:01Z","fieldsType":"FieldsV1","fieldsV1":{"f:x":{}}}]
            """)
        let written = try #require(try ManagedFields(json: json).json?.arrayValue)
        let names = written.map { "\($0["manager"]?.stringValue ?? "")\($0["subresource"]?.stringValue ?? "")" }
        #expect(names == ["y", "z", "a", "astatus", "b"])
        #expect(Set(written.map { String(decoding: $0.encoded(), as: UTF8.self) }).count == 5)
        #expect(try ManagedFields(json: .array(written)).json == .array(written))
    }

    @Test(arguments: [
        "5", "{}", "[5]", "[{}]", #"[{"manager":"m"}]"#, ManagedFieldsTests.entry(#","operation":"Bogus""#),
        ManagedFieldsTests.entry(#","apiVersion":"""#), ManagedFieldsTests.entry(#","fieldsType":"FieldsV2""#),
        ManagedFieldsTests.entry(#","fieldsType":"""#), ManagedFieldsTests.entry(#","fieldsV1":{"x":{}}"#),
        ManagedFieldsTests.entry(#","fieldsV1":[]"#), ManagedFieldsTests.entry(#","time":"yesterday""#),
        ManagedFieldsTests.entry(#","manager":5"#), ManagedFieldsTests.entry(#","subresource":[]"#),
    ])
    func otherShapesAreUnreadable(_ text: String) throws {
        let json = try Self.json(text)
        #expect(throws: ManagedFields.Unreadable.self) { try ManagedFields(json: json) }
    }

    @Test func nothingAndAnEmptyEntryForget() throws {
        #expect(ManagedFields.isReset([]) && ManagedFields.isReset([[:]]))
        #expect(!ManagedFields.isReset(nil) && !ManagedFields.isReset(.null) && !ManagedFields.isReset([[:], [:]]))
        #expect(!ManagedFields.isReset(try Self.json(Self.entry(""))))
    }

    @Test(arguments: [
        ("", "kubectl/v1.32 (linux)", "kubectl"), ("x", "kubectl/v1", "x"), ("", "", "unknown"), ("", "/x", "unknown"),
        ("", "a\u{7}b\u{200b}c/1", "abc"), ("", "no slash", "no slash"), ("", "ä" + "/", "ä"),
    ])
    func aWriterIsItsManagerOrItsUserAgent(_ manager: String, _ agent: String, _ name: String) throws {
        let time = try #require(Timestamp(rfc3339: "2026-01-01T00:00:00.9Z"))
        let writer = FieldWriter(fieldManager: manager, userAgent: agent, at: time)
        #expect(writer.manager == name)
        #expect(writer.time.rfc3339() == "2026-01-01T00:00:00Z")
    }

    @Test func aLongUserAgentIsCut() throws {
        let time = try #require(Timestamp(seconds: 0))
        let writer = FieldWriter(fieldManager: "", userAgent: String(repeating: "é", count: 100), at: time)
        #expect(writer.manager.utf8.count == 128)
    }

    /// What was granular and is atomic now is owned as a whole by who owned a part.
    @Test func setsFollowTheirType() throws {
        let old = try FieldSet(
            json: try Self.json(#"{"f:spec":{"f:sel":{".":{},"f:a":{}},"f:l":{"v:\"x\"":{}},"f:m":{"f:a":{}}}}"#))
        let schema = Schema.resource([
            Schema.Field(
                "spec",
                .object([
                    Schema.Field("sel", .map(of: .string, topology: .atomic)), Schema.Field("l", .array(of: .string)),
                    Schema.Field("m", .map(of: .string)),
                ]))
        ])
        #expect(
            old.adapted(to: schema).json
                == (try Self.json(#"{"f:spec":{"f:l":{},"f:m":{"f:a":{}},"f:sel":{}}}"#)))
    }
}
