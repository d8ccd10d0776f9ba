import APIMachinery
import Testing

@testable import ProfilesAPI

/// O03: what `kubectl explain` tells of this group's kinds.
struct ProfilesOpenAPITests {
    static let kinds: [(String, Schema)] = [
        ("Profile", ProfileSchema.schema), ("ProfileCapture", CaptureSchema.schema),
        ("ProfileService", ServiceSchema.schema),
    ]

    static func schemas() throws -> JSONObject {
        let resources = kinds.map { kind, schema in
            OpenAPIResource(
                APIResourceDescription(plural: kind.lowercased() + "s", singular: kind.lowercased(), kind: kind),
                schema: schema)
        }
        let documents = OpenAPIDocuments(ProfilesGroup.groupVersion, resources: resources)
        return try #require(try JSONValue.parse(documents.v3.json)["components"]?["schemas"]?.objectValue)
    }

    @Test func everyTypeAndEveryFieldIsDescribed() throws {
        for (name, schema) in try Self.schemas() {
            #expect(schema["description"]?.stringValue?.isEmpty == false, "\(name)")
            for (field, property) in schema["properties"]?.objectValue ?? [:] {
                #expect(property["description"]?.stringValue?.isEmpty == false, "\(name).\(field)")
            }
        }
    }

    /// kubectl explain prints a field's description and that of its type one after the other.
    @Test func aFieldAndItsTypeDoNotSayTheSameTwice() throws {
        let schemas = try Self.schemas()
        for (name, schema) in schemas {
            for (field, property) in schema["properties"]?.objectValue ?? [:] {
                guard case .array(let types)? = property["allOf"], let type = types.first?["$ref"]?.stringValue,
                    let said = schemas[String(type.dropFirst("#/components/schemas/".count))]?["description"]
                else { continue }
                #expect(property["description"] != said, "\(name).\(field)")
            }
        }
    }

    @Test func objectsOfThisGroupAreNamedSoThatClientsHaveTypesForThem() throws {
        for (name, schema) in try Self.schemas() where name.hasPrefix("io.profefe.") {
            for (field, property) in schema["properties"]?.objectValue ?? [:] {
                #expect(property["properties"] == nil && property["items"]?["properties"] == nil, "\(name).\(field)")
            }
        }
    }

    @Test func oneNameIsOneType() {
        var seen: [String: Schema] = [:]
        func visit(_ schema: Schema) {
            if let name = schema.definitionName {
                if let first = seen[name] { #expect("\(first.shape)" == "\(schema.shape)", "\(name)") }
                seen[name] = schema
            }
            switch schema.shape {
            case .object(let rules): for field in rules.fields { visit(field.schema) }
            case .map(let value, _): visit(value)
            case .array(let element, _): visit(element)
            default: break
            }
        }
        for (_, schema) in Self.kinds { visit(schema) }
        #expect(seen.count > 10)
    }

    @Test func aProfilesBytesAreSentAndNeverReturned() throws {
        let spec = try #require(try Self.schemas()["io.profefe.v1.ProfileSpec"])
        #expect(spec["required"] == ["service", "type"])
        #expect(spec["properties"]?["data"]?["writeOnly"] == true)
    }
}
