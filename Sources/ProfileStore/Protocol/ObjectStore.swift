public import APIMachinery

/// Keeps the objects of the API group and the profile bytes that belong to them.
///
/// One writer order: every write gets the next `ResourceVersion` of the store's single counter, which rises strictly
/// over creates, updates and deletes, over all resources, and over restarts. A write that was answered is on disk.
/// Reads see every write that was answered before they began.
///
/// Objects are found by `(resource, namespace, name)`, compared and ordered by their UTF-8 bytes. Nothing here checks
/// names, rights or shapes. `ObjectStoreConformance` in TestSupport is the executable form of this contract.
public protocol ObjectStore: Sendable {
    /// The version of the last commit. Costs no input or output.
    var currentVersion: ResourceVersion { get }

    /// Whether writes can be expected to succeed; for readiness and for `Retry-After` answers.
    var health: StoreHealth { get }

    /// Stores a new object; returns after it is on disk.
    ///
    /// - Throws: `.alreadyExists`, `.insufficientStorage`, `.tooLarge`, `.limitExceeded`, `.diskFull`, `.readOnly`, `.corrupt`, `.unavailable`, `.closed`.
    func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject

    /// The latest state of one object, or nil where there is none.
    func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject?

    /// The latest state of one object if it is at hand in memory; nil means: ask `get`.
    ///
    /// Never returns a state older than the last answered write of that object.
    func cached(_ resource: String, _ key: ObjectKey) -> StoredObject?

    /// One page of a list, ordered by key. See ``ObjectQuery`` and ``ObjectPage``.
    ///
    /// - Throws: `.snapshotExpired` if the query's snapshot is no longer kept, `.futureVersion` if it is not yet reached.
    func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage

    /// One page of what a service's objects tell of moments, the newest first; read is what is answered, whatever more there is.
    ///
    /// Each page is of the state it is read in: what moves in time between two pages may be told of twice or not.
    /// See ``TimelineQuery`` and ``TimelinePage``.
    func page(_ query: TimelineQuery) async throws(StoreError) -> TimelinePage

    /// Changes one object; the closure runs on the writer and sees the latest state, so no update is lost.
    ///
    /// The closure must be quick and must not call the store. `.unchanged` writes nothing and keeps the version.
    /// An error thrown by the closure is rethrown and changes nothing.
    ///
    /// - Returns: the new state (for `.delete` the last state at the version of the deletion), nil if there is no such
    ///   object (the closure doesn't run then).
    func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject?

    /// Removes one object together with its payload.
    ///
    /// - Returns: the last state, at the version of the deletion; nil if there is no such object.
    /// - Throws: `.conflict(.uid)` or `.conflict(.resourceVersion)` if a precondition doesn't hold.
    func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject?

    /// The bytes that were stored with the object, as they came; nil if there is no object or it has none.
    func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]?

    /// The same to be read piece by piece, for answers that stream; nil if there is no object or it has none.
    ///
    /// An object that is replaced or deleted while its payload is read is the reader's to notice: by the length that it knows.
    func openPayload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> (any PayloadReader)?

    /// Every event of a resource with a version above the given one, strictly by version, none missing.
    ///
    /// A version that is not yet reached is fine: the events begin above it. The subscription ends with
    /// `.watchOverflow` when its reader falls behind further than the store remembers; a writer never waits for it.
    ///
    /// Events outside the scope are not told, and don't count for a reader that falls behind.
    ///
    /// - Throws: `.snapshotExpired` if events above that version were forgotten already; `.closed`.
    func watch(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion
    ) throws(StoreError) -> EventSubscription
}

extension ObjectStore {
    /// Every event of a resource with a version above the given one, as it happens.
    public func watch(_ resource: String, after version: ResourceVersion) throws(StoreError) -> EventSubscription {
        try watch(resource, WatchScope(), after: version)
    }

    /// Removes one object whatever its state.
    public func delete(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        try await delete(resource, key, preconditions: Preconditions())
    }
}
