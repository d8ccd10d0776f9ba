internal import APIMachinery

extension APIResource {
    /// The resource as OpenAPI tells it: with every verb that is served, also those that discovery hides.
    var openAPI: OpenAPIResource {
        var description = discovered
        description.verbs = Verb.served(by: storage).map(\.rawValue)
        return OpenAPIResource(description, schema: storage.schema, patchTypes: PatchEncoding.allCases.map(\.rawValue))
    }
}
