/// What a store is busy with now. Reading it costs a few locks.
public struct StoreStatistics: Sendable, Equatable {
    /// Watches that are alive.
    public let watches: Int
    /// Events remembered for watches.
    public let events: Int
    /// Their memory, about.
    public let eventBytes: Int
    /// Writes that wait for the next commit.
    public let waitingWrites: Int
}

extension EmbeddedStore {
    /// What it is busy with now.
    public var statistics: StoreStatistics {
        let history = hub.history
        return StoreStatistics(
            watches: hub.subscriberCount, events: history.count, eventBytes: history.bytes,
            waitingWrites: commits.waitingCount)
    }
}
