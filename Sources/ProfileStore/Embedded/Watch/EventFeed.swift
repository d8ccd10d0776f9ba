internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Where one watch stands: reading back from the file until it meets the recent events in memory, then following those.
///
/// States: replaying → following → ended. Read by one task; ended by any.
final class EventFeed: Sendable {
    private enum Place: Sendable {
        /// All events up to this version are told.
        case replaying(ResourceVersion)
        /// A subscriber of the hub.
        case following(UInt64)
        case ended
    }

    private struct State {
        var place: Place
        /// Asked to return while it was replaying.
        var isInterrupted = false
    }

    /// Events and bytes that are read from the file at a time.
    private static let pageEvents = 256
    private static let pageBytes = 1 << 20

    private let resource: String
    private let scope: WatchScope
    private let hub: EventHub
    private let readers: ReaderPool
    private let state: NIOLockedValueBox<State>

    init(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion, hub: EventHub, readers: ReaderPool
    ) {
        self.resource = resource
        self.scope = scope
        self.hub = hub
        self.readers = readers
        state = NIOLockedValueBox(State(place: .replaying(version)))
    }

    /// Goes over to the events in memory if they begin where this stands; whether it did.
    func join() throws(StoreError) -> Bool {
        let joined: Result<Bool, StoreError> = state.withLockedValue { state in
            guard case .replaying(let version) = state.place else { return .success(true) }
            return Result { () throws(StoreError) in
                guard let id = try hub.subscribe(resource, scope, after: version) else { return false }
                state.place = .following(id)
                return true
            }
        }
        return try joined.get()
    }

    /// Waits for the next events, at least one; none if it was interrupted, nil at the end.
    func next() async throws(StoreError) -> EventBatch? {
        while true {
            let (place, isInterrupted) = state.withLockedValue { state in
                defer { state.isInterrupted = false }
                return (state.place, state.isInterrupted)
            }
            switch place {
            case .replaying(let version) where isInterrupted: return EventBatch([], through: version)
            case .following(let id):
                if isInterrupted { hub.interrupt(id) }
                return try await hub.next(id)
            case .ended: return nil
            case .replaying(let version):
                if Task.isCancelled { return nil }
                if try join() { continue }
                if let batch = try await replay(after: version) { return batch }
            }
        }
    }

    /// A page of what the file knows; nil if nothing of it is to be told.
    private func replay(after version: ResourceVersion) async throws(StoreError) -> EventBatch? {
        let (resource, namespace) = (resource, scope.namespace)
        let page = try await readers.read { reader throws(StoreError) in
            try reader.events(
                resource, namespace: namespace, after: version, limit: Self.pageEvents, bytes: Self.pageBytes)
        }
        return state.withLockedValue { state in
            guard case .replaying = state.place else { return nil }
            state.place = .replaying(page.through)
            return page.events.isEmpty ? nil : EventBatch(page.events, through: page.through)
        }
    }

    /// Lets the `next` that waits, or else the one that comes, return.
    func interrupt() {
        let place = state.withLockedValue { state in
            if case .replaying = state.place { state.isInterrupted = true }
            return state.place
        }
        if case .following(let id) = place { hub.interrupt(id) }
    }

    /// Ends it; a waiting `next` returns nil.
    func cancel() {
        let before = state.withLockedValue { state in
            defer { state.place = .ended }
            return state.place
        }
        if case .following(let id) = before { hub.cancel(id) }
    }
}
