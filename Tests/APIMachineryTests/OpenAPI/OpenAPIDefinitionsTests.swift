import Testing

@testable import APIMachinery

/// O05: schemas as the documents have them.
struct OpenAPIDefinitionsTests {
    static let named = Schema.string.described("A name.").named("x.Name")

    struct Shape: Sendable, CustomTestStringConvertible {
        let schema: Schema
        let v2: JSONValue
        let v3: JSONValue

        init(_ schema: Schema, _ both: JSONValue) {
            self.schema = schema
            v2 = both
            v3 = both
        }

        init(_ schema: Schema, v2: JSONValue, v3: JSONValue) {
            self.schema = schema
            self.v2 = v2
            self.v3 = v3
        }

        var testDescription: String { String(decoding: v3.encoded(), as: UTF8.self) }
    }

    static let shapes = [
        Shape(.string, ["type": "string"]),
        Shape(.string.described("A text."), ["type": "string", "description": "A text."]),
        Shape(
            .string(minLength: 1, maxLength: 63, pattern: "^a"),
            ["type": "string", "minLength": 1, "maxLength": 63, "pattern": "^a"]),
        Shape(.enumeration(["a", "b"]), ["type": "string", "enum": ["a", "b"]]),
        Shape(.duration, ["type": "string", "format": "duration"]),
        Shape(.bytes, ["type": "string", "format": "byte"]),
        Shape(.boolean, ["type": "boolean"]),
        Shape(.number, ["type": "number", "format": "double"]),
        Shape(.integer(), ["type": "integer", "format": "int64"]),
        Shape(
            .integer(.int32, minimum: 0, maximum: 7),
            ["type": "integer", "format": "int32", "minimum": 0, "maximum": 7]),
        Shape(
            Schema(.integerOrString), v2: ["type": "string", "format": "int-or-string"],
            v3: ["format": "int-or-string", "oneOf": [["type": "integer"], ["type": "string"]]]),
        Shape(.any, ["x-kubernetes-preserve-unknown-fields": true]),
        Shape(.boolean.nullable, v2: ["type": "boolean"], v3: ["type": "boolean", "nullable": true]),
        Shape(.map(of: .boolean), ["type": "object", "additionalProperties": ["type": "boolean"]]),
        Shape(
            .map(of: .boolean, topology: .atomic),
            ["type": "object", "additionalProperties": ["type": "boolean"], "x-kubernetes-map-type": "atomic"]),
        Shape(
            .array(of: .string, minItems: 1, maxItems: 2),
            [
                "type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": 2,
                "x-kubernetes-list-type": "atomic",
            ]),
        Shape(
            .array(of: .string, topology: .set),
            ["type": "array", "items": ["type": "string"], "x-kubernetes-list-type": "set"]),
        Shape(
            .array(of: named, topology: .map(keys: ["a", "b"])),
            v2: [
                "type": "array", "items": ["$ref": "#/definitions/x.Name"], "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["a", "b"],
            ],
            v3: [
                "type": "array", "items": ["$ref": "#/components/schemas/x.Name"], "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["a", "b"],
            ]),
        Shape(.object([]), ["type": "object"]),
        Shape(
            .object([], topology: .atomic, keepsUnknownFields: true),
            ["type": "object", "x-kubernetes-map-type": "atomic", "x-kubernetes-preserve-unknown-fields": true]),
        Shape(named, v2: ["$ref": "#/definitions/x.Name"], v3: ["$ref": "#/components/schemas/x.Name"]),
    ]

    @Test(arguments: shapes)
    func schemasHaveTheirForm(_ shape: Shape) {
        var v2 = OpenAPIDefinitions(.v2, kinds: [:])
        var v3 = OpenAPIDefinitions(.v3, kinds: [:])
        #expect(v2.schema(shape.schema) == shape.v2)
        #expect(v3.schema(shape.schema) == shape.v3)
    }

    @Test func aFieldOfANamedTypeHasItsOwnDescriptionAndDefault() {
        let schema = Schema.object([Schema.Field("name", Self.named, "Whose.", default: "me")])
        var v3 = OpenAPIDefinitions(.v3, kinds: [:])
        #expect(
            v3.schema(schema)["properties"]?["name"] == [
                "allOf": [["$ref": "#/components/schemas/x.Name"]], "default": "me", "description": "Whose.",
            ])
        var v2 = OpenAPIDefinitions(.v2, kinds: [:])
        #expect(
            v2.schema(schema)["properties"]?["name"] == [
                "$ref": "#/definitions/x.Name", "default": "me", "description": "Whose.",
            ])
        #expect(v3.document == ["x.Name": ["type": "string", "description": "A name."]])
    }

    @Test func requiredIsWhatAnswersHaveTooAndNothingStandsFor() {
        let schema = Schema.object([
            Schema.Field("plain", .boolean, "", required: true),
            Schema.Field("filled", .boolean, "", required: true, default: true),
            Schema.Field("sent", .bytes.neverReturned, "", required: true), Schema.Field("free", .boolean),
        ])
        var v3 = OpenAPIDefinitions(.v3, kinds: [:])
        let object = v3.schema(schema)
        #expect(object["required"] == ["plain"])
        #expect(object["properties"]?["sent"]?["writeOnly"] == true)
        #expect(object["properties"]?["plain"]?["writeOnly"] == nil)
    }
}
