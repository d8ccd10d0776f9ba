/// The options of a get.
public struct GetOptions: Sendable, Hashable {
    /// The least version to answer with; nil is the latest, 0 is any. A future one is waited for, then refused (504).
    public var resourceVersion: ResourceVersion?

    /// The defaults.
    public init() {}

    /// Reads the options of a request.
    ///
    /// - Throws: 400 when `resourceVersion` is no version.
    public init(query: QueryItems) throws(StatusError) {
        resourceVersion = try ResourceVersion(parameter: query["resourceVersion"] ?? "")
    }
}
