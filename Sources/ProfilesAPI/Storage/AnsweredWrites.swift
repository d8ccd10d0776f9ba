internal import APIMachinery
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import ProfileStore

/// The newest version that a write of one resource was answered with, in this process.
///
/// What is computed from the store's events waits for it, so that a client reads what it has written.
final class AnsweredWrites: Sendable {
    /// The resource whose writes count.
    let resource: String
    private let version = NIOLockedValueBox(ResourceVersion(0))

    init(of resource: String) { self.resource = resource }

    var newest: ResourceVersion { version.withLockedValue { $0 } }

    fileprivate func note(_ object: StoredObject?) {
        guard let object, object.resource == resource else { return }
        version.withLockedValue { $0 = max($0, object.resourceVersion) }
    }
}

/// Another store, whose answered writes are noted.
struct NotedStore: ObjectStore {
    let base: any ObjectStore
    let answered: AnsweredWrites

    var currentVersion: ResourceVersion { base.currentVersion }
    var health: StoreHealth { base.health }

    func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject {
        let object = try await base.create(draft)
        answered.note(object)
        return object
    }

    func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        let object = try await base.update(resource, key, change)
        answered.note(object)
        return object
    }

    func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        let object = try await base.delete(resource, key, preconditions: preconditions)
        answered.note(object)
        return object
    }

    func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        try await base.get(resource, key)
    }

    func cached(_ resource: String, _ key: ObjectKey) -> StoredObject? { base.cached(resource, key) }

    func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage { try await base.page(query) }

    func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? {
        try await base.payload(resource, key)
    }

    func payload(_ resource: String, _ key: ObjectKey, part: Int) async throws(StoreError) -> ByteBuffer? {
        try await base.payload(resource, key, part: part)
    }

    func watch(_ resource: String, after version: ResourceVersion) throws(StoreError) -> EventSubscription {
        try base.watch(resource, after: version)
    }
}
