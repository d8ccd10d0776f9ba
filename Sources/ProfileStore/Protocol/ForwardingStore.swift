public import APIMachinery

/// A store over another one: what it doesn't say itself is the other's.
///
/// For decorators, which count, note or refuse some of the operations.
public protocol ForwardingStore: ObjectStore {
    /// The store under it.
    var base: any ObjectStore { get }
}

extension ForwardingStore {
    /// That of the store under it.
    public var currentVersion: ResourceVersion { base.currentVersion }

    /// That of the store under it.
    public var health: StoreHealth { base.health }

    /// That of the store under it.
    public func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject { try await base.create(draft) }

    /// That of the store under it.
    public func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        try await base.get(resource, key)
    }

    /// That of the store under it.
    public func cached(_ resource: String, _ key: ObjectKey) -> StoredObject? { base.cached(resource, key) }

    /// That of the store under it.
    public func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage { try await base.page(query) }

    /// That of the store under it.
    public func page(_ query: TimelineQuery) async throws(StoreError) -> TimelinePage { try await base.page(query) }

    /// That of the store under it.
    public func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        try await base.update(resource, key, change)
    }

    /// That of the store under it.
    public func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        try await base.delete(resource, key, preconditions: preconditions)
    }

    /// That of the store under it.
    public func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? {
        try await base.payload(resource, key)
    }

    /// That of the store under it.
    public func openPayload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> (any PayloadReader)? {
        try await base.openPayload(resource, key)
    }

    /// That of the store under it.
    public func watch(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion
    ) throws(StoreError) -> EventSubscription {
        try base.watch(resource, scope, after: version)
    }
}
