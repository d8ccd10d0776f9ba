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

    /// Events and bytes that are read from the file at a time.
    private static let pageEvents = 256
    private static let pageBytes = 1 << 20

    private let resource: String
    private let hub: EventHub
    private let readers: ReaderPool
    private let place: NIOLockedValueBox<Place>

    init(_ resource: String, after version: ResourceVersion, hub: EventHub, readers: ReaderPool) {
        self.resource = resource
        self.hub = hub
        self.readers = readers
        place = NIOLockedValueBox(.replaying(version))
    }

    /// Goes over to the events in memory if they begin where this stands; whether it did.
    func join() throws(StoreError) -> Bool {
        let joined: Result<Bool, StoreError> = place.withLockedValue { place in
            guard case .replaying(let version) = place else { return .success(true) }
            return Result { () throws(StoreError) in
                guard let id = try hub.subscribe(resource, after: version) else { return false }
                place = .following(id)
                return true
            }
        }
        return try joined.get()
    }

    /// Waits for the next events, at least one; nil at the end.
    func next() async throws(StoreError) -> [StoreEvent]? {
        while true {
            switch place.withLockedValue({ $0 }) {
            case .following(let id): return try await hub.next(id)
            case .ended: return nil
            case .replaying(let version):
                if Task.isCancelled { return nil }
                if try join() { continue }
                let events = try await replay(after: version)
                if !events.isEmpty { return events }
            }
        }
    }

    private func replay(after version: ResourceVersion) async throws(StoreError) -> [StoreEvent] {
        let resource = resource
        let page = try await readers.read { reader throws(StoreError) in
            try reader.events(resource, after: version, limit: Self.pageEvents, bytes: Self.pageBytes)
        }
        return place.withLockedValue { place in
            guard case .replaying = place else { return [] }
            place = .replaying(page.through)
            return page.events
        }
    }

    /// Ends it; a waiting `next` returns nil.
    func cancel() {
        let before = place.withLockedValue { place in
            defer { place = .ended }
            return place
        }
        if case .following(let id) = before { hub.cancel(id) }
    }
}
