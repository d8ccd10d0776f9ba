/// The two forms of the document.
enum OpenAPIDialect: Sendable, CaseIterable {
    /// Swagger 2.0, `/openapi/v2`.
    case v2
    /// OpenAPI 3.0, `/openapi/v3/…`.
    case v3

    /// A reference to the definition of this name.
    func reference(to definition: String) -> JSONValue {
        switch self {
        case .v2: ["$ref": .string("#/definitions/\(definition)")]
        case .v3: ["$ref": .string("#/components/schemas/\(definition)")]
        }
    }
}

extension GroupVersionKind {
    /// `{"group":…,"kind":…,"version":…}`, as the extension `x-kubernetes-group-version-kind` has it: alone on operations, in
    /// an array on schemas.
    var openAPI: JSONValue { ["group": .string(group), "kind": .string(kind), "version": .string(version)] }

    /// The name of its definition: the group reversed, version, kind (`io.profefe.v1.Profile`).
    var definitionName: String {
        (group.split(separator: ".").reversed().map(String.init) + [version, kind]).joined(separator: ".")
    }
}
