internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Tells watches of commits.
///
/// One log of recent events per resource, shared by all watches: a watch is a place in the log, so an event is kept once
/// however many watch, and a slow reader costs nothing. The queue of a watch is bounded by the log: whose next event was
/// forgotten has overflowed and ends. The writer never waits.
///
/// Watches of the same events are a channel (``EventChannel``); what happens in other namespaces doesn't wake it. A gathered channel
/// rests once it was told something: what comes meanwhile is told together, at one tick of the hub. So the number of times that
/// watches are woken doesn't grow with the events, and a lone event goes out at once.
final class EventHub: Sendable {
    private let state: NIOLockedValueBox<EventBoard>
    private let timer: EventTimer

    /// - Parameters:
    ///   - origin: what happened up to here, before this process, is not remembered.
    ///   - rest: how long a gathered channel is told nothing more.
    init(
        origin: ResourceVersion, maximumBytes: Int, maximumCount: Int, rest: Duration,
        timer: EventTimer = .system()
    ) {
        state = NIOLockedValueBox(
            EventBoard(origin: origin, maximumBytes: maximumBytes, maximumCount: maximumCount, rest: rest))
        self.timer = timer
    }

    /// How many subscriptions are alive.
    var subscriberCount: Int { state.withLockedValue { $0.subscribers.count } }

    /// How many events are remembered, and what they occupy.
    var history: (count: Int, bytes: Int) { state.withLockedValue { $0.history } }

    // MARK: writer's side

    /// Appends the events of one commit, in the order of their versions, and wakes who waits and doesn't rest.
    func publish(_ events: [StoreEvent]) {
        guard !events.isEmpty else { return }
        let (woken, tick) = state.withLockedValue { board in
            let now = timer.now()
            let woken = board.publish(events, at: now)
            return (woken, board.nextTick(at: now))
        }
        for wake in woken { wake() }
        if let tick { timer.after(tick) { [weak self] in self?.tick() } }
    }

    /// Tells what was held back.
    private func tick() {
        let woken = state.withLockedValue { $0.tick(at: timer.now()) }
        for wake in woken { wake() }
    }

    /// Ends all subscriptions with an error; later ones are refused.
    func close() {
        let woken = state.withLockedValue { $0.close() }
        for wake in woken { wake() }
    }

    // MARK: readers' side

    /// A new subscriber to the events above a version; nil if some of them are not remembered.
    func subscribe(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion
    ) throws(StoreError) -> UInt64? {
        try state.withLockedValue { board in
            Result { () throws(StoreError) in try board.subscribe(resource, scope, after: version) }
        }.get()
    }

    /// Waits for a subscriber's next events, at least one; none if it was interrupted, nil at its end.
    func next(_ id: UInt64) async throws(StoreError) -> EventBatch? {
        switch await wait(id) {
        case .batch(let batch): return batch
        case .end: return nil
        case .failed(let error): throw error
        }
    }

    private func wait(_ id: UInt64) async -> EventBoard.Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if let ready = state.withLockedValue({ $0.wait(id, waiter) }) { waiter.resume(returning: ready) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Lets the `next` that waits, or else the one that comes, return with what there is.
    func interrupt(_ id: UInt64) {
        state.withLockedValue { $0.interrupt(id) }?()
    }

    /// Ends a subscriber; a waiting `next` returns nil.
    func cancel(_ id: UInt64) {
        state.withLockedValue { $0.cancel(id) }?()
    }
}
