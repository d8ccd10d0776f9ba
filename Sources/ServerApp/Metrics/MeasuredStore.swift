internal import APIMachinery
internal import APIServer
internal import NIOCore
internal import ProfileStore
internal import ProfilesAPI
internal import Synchronization

/// Counts what goes through another store: operations with their time, profiles stored, captures ended.
struct MeasuredStore<Base: ObjectStore>: ObjectStore {
    private let base: Base
    private let metrics: StoreMetrics

    init(_ base: Base, _ metrics: StoreMetrics) {
        self.base = base
        self.metrics = metrics
    }

    var currentVersion: ResourceVersion { base.currentVersion }
    var health: StoreHealth { base.health }

    func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject {
        let start = ContinuousClock.now
        do throws(StoreError) {
            let object = try await base.create(draft)
            metrics.done(.create, since: start, nil)
            metrics.created(draft)
            return object
        } catch {
            metrics.done(.create, since: start, error)
            throw error
        }
    }

    func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        let start = ContinuousClock.now
        do throws(StoreError) {
            let object = try await base.get(resource, key)
            metrics.done(.get, since: start, nil)
            return object
        } catch {
            metrics.done(.get, since: start, error)
            throw error
        }
    }

    /// Not counted: it is a look into memory.
    func cached(_ resource: String, _ key: ObjectKey) -> StoredObject? { base.cached(resource, key) }

    func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage {
        let start = ContinuousClock.now
        do throws(StoreError) {
            let page = try await base.page(query)
            metrics.done(.list, since: start, nil)
            return page
        } catch {
            metrics.done(.list, since: start, error)
            throw error
        }
    }

    func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        let start = ContinuousClock.now
        let ended = Ended()
        do throws(StoreError) {
            let object = try await base.update(resource, key) { stored throws(StoreError) in
                let change = try change(stored)
                ended.note(stored, change)
                return change
            }
            metrics.done(.update, since: start, nil)
            if let phase = ended.phase { metrics.captureEnded(phase) }
            return object
        } catch {
            metrics.done(.update, since: start, error)
            throw error
        }
    }

    func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        let start = ContinuousClock.now
        do throws(StoreError) {
            let object = try await base.delete(resource, key, preconditions: preconditions)
            metrics.done(.delete, since: start, nil)
            return object
        } catch {
            metrics.done(.delete, since: start, error)
            throw error
        }
    }

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

/// The phase that an update gives to a capture that had not ended before. The closure of an update may run more than once.
private final class Ended: Sendable {
    private static let phases: Set<String> = ["Succeeded", "Failed", "Cancelled"]
    private let found = Mutex<String?>(nil)

    var phase: String? { found.withLock { $0 } }

    func note(_ stored: StoredObject, _ change: ObjectChange) {
        guard stored.resource == ProfilesGroup.captures else { return }
        var phase: String?
        if case .replace(let draft) = change, let new = draft.fields["status.phase"], Self.phases.contains(new),
            !Self.phases.contains(stored.fields["status.phase"] ?? "")
        {
            phase = new
        }
        found.withLock { $0 = phase }
    }
}
