/// A resource as discovery tells it.
///
/// Controllers act on `verbs`: a resource with `delete` is emptied with its namespace, one with `delete`, `list` and
/// `watch` is cached whole by the garbage collector. Tell exactly what works.
public struct APIResourceDescription: Sendable, Hashable {
    /// The plural name, such as `profiles`.
    public var plural: String
    /// The singular name.
    public var singular: String
    /// The kind.
    public var kind: String
    /// Whether its objects live in namespaces.
    public var namespaced: Bool
    /// Short names for kubectl.
    public var shortNames: [String]
    /// Categories for kubectl, such as `profefe`.
    public var categories: [String]
    /// What can be done; told sorted.
    public var verbs: [String]
    /// What lies below its objects.
    public var subresources: [SubresourceDescription]

    /// A resource of its parts.
    public init(
        plural: String, singular: String, kind: String, namespaced: Bool = true, shortNames: [String] = [],
        categories: [String] = [], verbs: [String] = [], subresources: [SubresourceDescription] = []
    ) {
        self.plural = plural
        self.singular = singular
        self.kind = kind
        self.namespaced = namespaced
        self.shortNames = shortNames
        self.categories = categories
        self.verbs = verbs
        self.subresources = subresources
    }
}

/// A subresource as discovery tells it.
public struct SubresourceDescription: Sendable, Hashable {
    /// The last path segment, such as `status`.
    public var name: String
    /// The kind of its answer; it may live in another group.
    public var kind: GroupVersionKind
    /// What can be done; told sorted.
    public var verbs: [String]

    /// A subresource of its parts.
    public init(name: String, kind: GroupVersionKind, verbs: [String]) {
        self.name = name
        self.kind = kind
        self.verbs = verbs
    }
}
