public import APIMachinery

/// One write, as watchers are told of it. All of them are told by the same one: it is made once, however many watch.
public final class StoreEvent: Sendable {
    /// What happened to the object.
    public enum Kind: Sendable, Hashable {
        /// It was created.
        case added
        /// It was changed.
        case modified
        /// It was removed.
        case deleted
    }

    /// What happened.
    public let type: Kind
    /// The new state; for a deletion the last state, at the version of the deletion.
    public let object: StoredObject
    /// The state before, nil for `.added`. Tells whether the object matched a selector until now.
    public let previous: StoredObject?

    /// An event of its parts.
    public init(type: Kind, object: StoredObject, previous: StoredObject?) {
        self.type = type
        self.object = object
        self.previous = previous
    }

    /// The version of the write.
    public var resourceVersion: ResourceVersion { object.resourceVersion }

    /// The memory this event holds, in bytes, about.
    var footprint: Int { object.footprint + (previous?.footprint ?? 0) }
}
