internal import NIOConcurrencyHelpers

/// What a store is busy with and what it holds. Reading it costs a few locks.
public struct StoreStatistics: Sendable, Equatable {
    /// Watches that are alive.
    public let watches: Int
    /// Events remembered for watches.
    public let events: Int
    /// Their memory, about.
    public let eventBytes: Int
    /// Writes that wait for the next commit.
    public let waitingWrites: Int
    /// What the retained objects of each class occupy.
    public let usage: [String: StoreUsage]
    /// The objects that retention has removed since the store was opened.
    public let retired: [RetirementReason: Int]
    /// What the file system has free, in bytes; nil if nothing is kept in reserve, so that nobody looks.
    public let freeDiskBytes: UInt64?
    /// Whether creates are taken, as far as the room on the disk goes.
    public let takesCreates: Bool
    /// The part of the database file that is free for reuse, 0 to 1.
    public let reusableShare: Double
}

extension EmbeddedStore {
    /// What it is busy with and holds now.
    public var statistics: StoreStatistics {
        let history = hub.history
        let pages = space.counts
        return StoreStatistics(
            watches: hub.subscriberCount, events: history.count, eventBytes: history.bytes,
            waitingWrites: commits.waitingCount, usage: retention.ledger.classes,
            retired: retired.withLockedValue { $0 }, freeDiskBytes: watermark.reading?.free,
            takesCreates: !watermark.isLow, reusableShare: Double(pages.free) / Double(max(1, pages.all)))
    }

    /// Why nothing is created now although all is well otherwise: the disk is short of room. Nil if it isn't.
    public var shortage: StoreError? { watermark.isLow ? watermark.refusal() : nil }
}
