public import APIMachinery
internal import NIOConcurrencyHelpers

/// Events that are told together. All watches that stand at the same place are told the same batch.
public final class EventBatch: Sendable {
    /// In the order of their versions; none in the answer to an interruption that had nothing to tell.
    public let events: [StoreEvent]
    /// All that the watch is to be told up to this version is in this batch or was in one before.
    public let through: ResourceVersion

    private let memo = NIOLockedValueBox<(any Sendable)?>(nil)

    /// A batch of its parts.
    public init(_ events: [StoreEvent], through: ResourceVersion) {
        self.events = events
        self.through = through
    }

    /// What a reader makes of the events, kept for the other readers; `make` runs where nothing of the type is kept yet.
    public func remembering<Value: Sendable>(_ make: ([StoreEvent]) -> Value) -> Value {
        if let value = memo.withLockedValue({ $0 }) as? Value { return value }
        let value = make(events)
        memo.withLockedValue { $0 = value }
        return value
    }
}
