/// What one watch of a store is told of a resource, and how soon.
public struct WatchScope: Sendable, Hashable {
    /// How soon events are told.
    public enum Pace: Sendable, Hashable {
        /// Each as it happens.
        case prompt
        /// The first after a pause as it happens; what follows within the store's rest goes out together. For readers of whom there
        /// are many.
        case gathered
    }

    /// Only events of this namespace; nil: of all.
    public var namespace: String?
    /// How soon they are told.
    public var pace: Pace

    /// A scope; all namespaces at once unless said.
    public init(namespace: String? = nil, pace: Pace = .prompt) {
        self.namespace = namespace
        self.pace = pace
    }
}
