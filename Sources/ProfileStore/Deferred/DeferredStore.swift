public import APIMachinery
internal import NIOConcurrencyHelpers

/// A store that opens in the background, so that discovery and health are served before it is there and while it can't be.
///
/// Until it is open every operation throws `unavailable` with the reason of the last attempt; `currentVersion` is 0. A store that
/// can't be opened (locked by a predecessor that is still ending, a volume that is not there yet, a corrupt file) is tried again:
/// nothing is ever overwritten.
public final class DeferredStore<Store: ObjectStore>: ObjectStore {
    private enum State {
        case opening(StoreError)
        case open(Store)
        case closed
    }

    private let state: NIOLockedValueBox<State>

    /// A store that is not open yet.
    public init() {
        state = NIOLockedValueBox(.opening(StoreError(.unavailable, "the store is opening")))
    }

    /// Opens the store, again and again until it works; returns then.
    ///
    /// - Parameters:
    ///   - pause: between attempts.
    ///   - clock: for the pauses.
    ///   - failed: told of each failure.
    ///   - open: one attempt; blocks, so it runs off the caller's executor.
    public func run(
        pause: Duration = .seconds(2), clock: any Clock<Duration> = ContinuousClock(),
        failed: @Sendable (StoreError) -> Void, open: @escaping @Sendable () throws(StoreError) -> Store
    ) async throws(CancellationError) {
        while true {
            do throws(StoreError) {
                let store = try await Self.attempt(open)
                state.withLockedValue { $0 = .open(store) }
                return
            } catch {
                state.withLockedValue { $0 = .opening(error) }
                failed(error)
            }
            guard (try? await clock.sleep(for: pause)) != nil else { throw CancellationError() }
        }
    }

    @concurrent
    private static func attempt(
        _ open: @Sendable () throws(StoreError) -> Store
    ) async throws(StoreError) -> Store {
        try open()
    }

    /// Ends the service of the store: every later operation throws `closed`.
    ///
    /// - Returns: the store if it was open; the caller closes it.
    public func end() -> Store? {
        state.withLockedValue { state in
            defer { state = .closed }
            return if case .open(let store) = state { store } else { nil }
        }
    }

    /// The store, once it is open and until it ends.
    public var opened: Store? { state.withLockedValue { if case .open(let store) = $0 { store } else { nil } } }

    private func current() throws(StoreError) -> Store {
        switch state.withLockedValue({ $0 }) {
        case .open(let store): return store
        case .opening(let error):
            throw StoreError(.unavailable, "the store is not open: \(error.message)", cause: error)
        case .closed: throw StoreError(.closed, "the store is closed")
        }
    }

    /// 0 until the store is open.
    public var currentVersion: ResourceVersion { (try? current().currentVersion) ?? ResourceVersion(0) }

    /// Degraded until the store is open, then its own health.
    public var health: StoreHealth {
        do throws(StoreError) { return try current().health } catch { return .degraded(error) }
    }

    // The operations of ``ObjectStore``, passed on to the store once it is open.

    /// As the store's.
    public func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject {
        try await current().create(draft)
    }

    /// As the store's.
    public func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        try await current().get(resource, key)
    }

    /// As the store's.
    public func cached(_ resource: String, _ key: ObjectKey) -> StoredObject? {
        try? current().cached(resource, key)
    }

    /// As the store's.
    public func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage {
        try await current().page(query)
    }

    /// As the store's.
    public func page(_ query: TimelineQuery) async throws(StoreError) -> TimelinePage {
        try await current().page(query)
    }

    /// As the store's.
    public func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        try await current().update(resource, key, change)
    }

    /// As the store's.
    public func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        try await current().delete(resource, key, preconditions: preconditions)
    }

    /// As the store's.
    public func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? {
        try await current().payload(resource, key)
    }

    /// As the store's.
    public func openPayload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> (any PayloadReader)? {
        try await current().openPayload(resource, key)
    }

    /// As the store's.
    public func watch(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion
    ) throws(StoreError) -> EventSubscription {
        try current().watch(resource, scope, after: version)
    }
}
