internal import APIMachinery

extension APIResource {
    /// The media types of patches that are served. Strategic merge patches are told by none: they are of built-in types only.
    private static let patchTypes = ["application/json-patch+json", "application/merge-patch+json"]

    /// The resource as OpenAPI tells it: with every verb that is served, also those that discovery hides.
    var openAPI: OpenAPIResource {
        var description = discovered
        description.verbs = Verb.served(by: storage).map(\.rawValue)
        return OpenAPIResource(description, schema: storage.schema, patchTypes: Self.patchTypes)
    }
}
