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
struct NotedStore: ForwardingStore {
    let base: any ObjectStore
    let answered: AnsweredWrites

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
}
