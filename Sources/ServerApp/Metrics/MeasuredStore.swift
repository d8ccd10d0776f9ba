internal import APIMachinery
internal import APIServer
internal import ProfileStore
internal import ProfilesAPI
internal import Synchronization

/// Counts what goes through another store: operations with their time, profiles stored, captures ended.
///
/// Not counted: what only looks into memory, and payloads, which are read in parts.
struct MeasuredStore: ForwardingStore {
    let base: any ObjectStore
    private let metrics: StoreMetrics

    init(_ base: any ObjectStore, _ metrics: StoreMetrics) {
        self.base = base
        self.metrics = metrics
    }

    func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject {
        let object = try await measured(.create) { () throws(StoreError) in try await base.create(draft) }
        metrics.created(draft)
        return object
    }

    func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        try await measured(.get) { () throws(StoreError) in try await base.get(resource, key) }
    }

    func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage {
        try await measured(.list) { () throws(StoreError) in try await base.page(query) }
    }

    func page(_ query: TimelineQuery) async throws(StoreError) -> TimelinePage {
        try await measured(.list) { () throws(StoreError) in try await base.page(query) }
    }

    func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        let ended = Ended()
        let object = try await measured(.update) { () throws(StoreError) in
            try await base.update(resource, key) { stored throws(StoreError) in
                let change = try change(stored)
                ended.note(stored, change)
                return change
            }
        }
        if let phase = ended.phase { metrics.captureEnded(phase) }
        return object
    }

    func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        try await measured(.delete) { () throws(StoreError) in
            try await base.delete(resource, key, preconditions: preconditions)
        }
    }

    private func measured<Result>(
        _ operation: StoreMetrics.Operation, _ run: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let start = ContinuousClock.now
        do throws(StoreError) {
            let result = try await run()
            metrics.done(operation, since: start, nil)
            return result
        } catch {
            metrics.done(operation, since: start, error)
            throw error
        }
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
