public import APIMachinery

/// A resource of a group as it is registered: its storage and the subresources below it.
public struct APIResource: Sendable {
    /// What serves the objects.
    public let storage: any RESTStorage
    /// What serves the paths below an object, by name.
    public let connectors: [String: any Connector]

    /// Registers a storage. Where two connectors have one name, the first is taken.
    public init(_ storage: any RESTStorage, connectors: [any Connector] = []) {
        self.storage = storage
        self.connectors = Dictionary(
            connectors.map { ($0.subresource.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The resource as discovery tells it, with the verbs that are really served.
    public var discovered: APIResourceDescription {
        let description = storage.description
        return APIResourceDescription(
            plural: description.plural, singular: description.singular, kind: description.kind,
            namespaced: description.namespaced, shortNames: description.shortNames, categories: description.categories,
            verbs: Verb.advertised(by: storage).map(\.rawValue),
            subresources: connectors.values.map(\.subresource).sorted { $0.name < $1.name })
    }
}
