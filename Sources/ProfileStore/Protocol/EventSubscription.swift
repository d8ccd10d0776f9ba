internal import NIOConcurrencyHelpers

/// The events of a watch, read one by one or as many as there are, by a single reader.
///
/// Ends (`nil`) when it was cancelled or the reading task was; throws `.watchOverflow` when the reader fell too far
/// behind and `.closed` when the store was closed. Dropping it cancels it.
public final class EventSubscription: AsyncSequence, Sendable {
    /// What it yields.
    public typealias Element = StoreEvent
    /// What it throws.
    public typealias Failure = StoreError

    private let pull: @Sendable () async throws(StoreError) -> EventBatch?
    private let onInterrupt: @Sendable () -> Void
    private let onCancel: @Sendable () -> Void
    /// What came with the last events and was not yet read, the next one last.
    private let rest = NIOLockedValueBox<[StoreEvent]>([])

    /// A subscription over a store's own source.
    ///
    /// - Parameters:
    ///   - next: waits for the next events, at least one; none after an interruption; must end with nil when the task is cancelled or
    ///     `cancel` was called.
    ///   - interrupt: lets the `next` that waits, or else the one that comes, return with what there is.
    ///   - cancel: frees what the source holds; called at least once, on cancellation or when this is dropped.
    public init(
        next: @escaping @Sendable () async throws(StoreError) -> EventBatch?,
        interrupt: @escaping @Sendable () -> Void, cancel: @escaping @Sendable () -> Void
    ) {
        self.pull = next
        self.onInterrupt = interrupt
        self.onCancel = cancel
    }

    deinit {
        onCancel()
    }

    /// Waits for the next event; nil at the end.
    public func next() async throws(StoreError) -> StoreEvent? {
        while true {
            if let event = rest.withLockedValue({ $0.popLast() }) { return event }
            guard let batch = try await pull() else { return nil }
            rest.withLockedValue { $0 = batch.events.reversed() }
        }
    }

    /// Waits for the next events: those that are there, up to a bound, the same batch for all who wait for the same. None if it was
    /// interrupted; nil at the end.
    public func nextBatch() async throws(StoreError) -> EventBatch? {
        let rest = rest.withLockedValue { rest in
            defer { rest = [] }
            return rest
        }
        guard let newest = rest.first else { return try await pull() }
        return EventBatch(rest.reversed(), through: newest.resourceVersion)
    }

    /// Lets the ``nextBatch()`` that waits, or else the one that comes, return with what there is, be it nothing.
    public func interrupt() { onInterrupt() }

    /// Ends the subscription; a waiting `next` returns nil.
    public func cancel() {
        rest.withLockedValue { $0 = [] }
        onCancel()
    }

    /// Iterates the events. All iterators of one subscription share its position.
    public func makeAsyncIterator() -> Iterator { Iterator(subscription: self) }

    /// Reads the events of one subscription.
    public struct Iterator: AsyncIteratorProtocol {
        let subscription: EventSubscription

        /// Waits for the next event; nil at the end.
        public mutating func next() async throws(StoreError) -> StoreEvent? {
            try await subscription.next()
        }

        /// Waits for the next event; nil at the end.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(StoreError) -> StoreEvent? {
            try await subscription.next()
        }
    }
}
