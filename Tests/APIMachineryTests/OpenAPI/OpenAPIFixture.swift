import Testing

@testable import APIMachinery

/// A resource with everything that OpenAPI tells, and ways to look at its documents.
struct OpenAPIFixture {
    static let groupVersion = GroupVersion(group: "profefe.io", version: "v1")
    static let everyVerb = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    static let jsonPatch = "application/json-patch+json"
    static let mergePatch = "application/merge-patch+json"
    static let applyPatch = "application/apply-patch+yaml"

    static let schema = Schema.resource([
        Schema.Field(
            "spec",
            .object([
                Schema.Field("conditions", .conditions, "How it is."),
                Schema.Field("port", .integerOrString, "Where."),
                Schema.Field("data", .bytes.neverReturned, "The bytes.", required: true),
                Schema.Field("size", .integer(.int32, minimum: 1, maximum: 9), "How big.", required: true, default: 3),
            ]), "What it is.", required: true)
    ]).described("A thing.")

    var verbs = everyVerb
    var namespaced = true
    var patchTypes = [jsonPatch, mergePatch]
    var schema = Self.schema

    var resource: OpenAPIResource {
        let kind = Self.groupVersion.kind("Profile")
        return OpenAPIResource(
            APIResourceDescription(
                plural: "profiles", singular: "profile", kind: "Profile", namespaced: namespaced, verbs: verbs,
                subresources: [
                    SubresourceDescription(name: "download", kind: kind, verbs: ["get"]),
                    SubresourceDescription(name: "merge", kind: kind, verbs: ["create", "get"]),
                ]), schema: schema, patchTypes: patchTypes)
    }

    var documents: OpenAPIDocuments { OpenAPIDocuments(Self.groupVersion, resources: [resource]) }

    func json(_ dialect: OpenAPIDialect) throws -> JSONValue {
        try JSONValue.parse(dialect == .v2 ? documents.v2.json : documents.v3.json)
    }

    /// The definitions of either form.
    func definitions(_ dialect: OpenAPIDialect) throws -> JSONObject {
        let json = try json(dialect)
        let definitions = dialect == .v2 ? json["definitions"] : json["components"]?["schemas"]
        return try #require(definitions?.objectValue)
    }

    /// Every operation, as `PATH METHOD`.
    func operations(_ dialect: OpenAPIDialect) throws -> [String: JSONValue] {
        let methods = OpenAPIOperation.Method.allCases.map(\.rawValue)
        var operations: [String: JSONValue] = [:]
        for (path, item) in try #require(try json(dialect)["paths"]?.objectValue) {
            for (key, value) in item.objectValue ?? [:] where methods.contains(key) {
                operations["\(path) \(key)"] = value
            }
        }
        return operations
    }

    /// The names of an operation's query parameters.
    static func query(_ operation: JSONValue?) -> [String] {
        (operation?["parameters"]?.arrayValue ?? []).filter { $0["in"] == "query" }.compactMap {
            $0["name"]?.stringValue
        }
    }
}

extension JSONValue {
    /// Every value in this one, itself first.
    var everyValue: [JSONValue] {
        let inner = arrayValue ?? objectValue?.map(\.value) ?? []
        return [self] + inner.flatMap(\.everyValue)
    }
}
