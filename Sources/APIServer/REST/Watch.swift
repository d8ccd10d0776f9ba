public import APIMachinery

/// A question for the changes of a resource.
public struct WatchQuery: Sendable {
    /// The namespace, or all.
    public var scope: ListScope
    /// Labels to match.
    public var labelSelector: LabelSelector
    /// Fields to match; the handler has checked that the resource knows them.
    public var fieldSelector: FieldSelector
    /// Changes up to this version are known to the client.
    public var after: ResourceVersion

    /// A question for the changes behind a version.
    public init(
        scope: ListScope, labelSelector: LabelSelector, fieldSelector: FieldSelector, after: ResourceVersion
    ) {
        self.scope = scope
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.after = after
    }
}

/// What happened to an object, as one watch sees it.
public enum WatchEvent: Sendable {
    /// It is there, or has begun to match the selectors.
    case added(EncodedObject)
    /// It has changed, and matches as before.
    case modified(EncodedObject)
    /// It is gone, or matches no more: its last matching state, with the version of the change.
    case deleted(EncodedObject)

    /// What happened, to what.
    var change: (type: WatchEventEncoder.EventType, object: EncodedObject) {
        switch self {
        case .added(let object): (.added, object)
        case .modified(let object): (.modified, object)
        case .deleted(let object): (.deleted, object)
        }
    }

    /// The version of the change.
    var version: ResourceVersion { change.object.resourceVersion }
}

/// The changes that one watch is told, read by one task. Dropping it frees what it holds.
public protocol WatchSource: Sendable {
    /// Waits for the next events and gives those that are there, up to some bound, in order of versions; none if it was interrupted,
    /// nil at the end or when the task is cancelled.
    ///
    /// Whoever reads slowly is cut off (the source ends) rather than waited for: a writer never waits for a watch, and the client
    /// goes on from the last version it saw.
    func next() async throws -> WatchBatch?

    /// Lets the ``next()`` that waits, or else the one that comes, return with what there is, be it nothing. From any thread.
    func interrupt()
}

/// What a change means to a watch with selectors (conformance: selector transitions).
public enum SelectorTransition: Sendable, Hashable {
    /// Begins to match: ADDED.
    case entered
    /// Matched and matches: MODIFIED.
    case stayed
    /// Matches no more, or is gone: DELETED.
    case left
    /// Matched neither before nor after: nothing.
    case outside

    /// The transition from matching before to matching after.
    ///
    /// - Parameters:
    ///   - before: whether the previous state matched; false where there was none.
    ///   - after: whether the new state matches; false where the object is gone.
    public init(before: Bool, after: Bool) {
        switch (before, after) {
        case (false, true): self = .entered
        case (true, true): self = .stayed
        case (true, false): self = .left
        case (false, false): self = .outside
        }
    }

    /// The event for this transition, if there is one: `object` as it is now, `previous` as it last matched, under the version of the
    /// change.
    public func event(object: EncodedObject, previous: EncodedObject?) -> WatchEvent? {
        switch self {
        case .entered: .added(object)
        case .stayed: .modified(object)
        case .left: .deleted(previous ?? object)
        case .outside: nil
        }
    }
}
