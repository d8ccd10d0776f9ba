internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Tells watches of commits.
///
/// One log of recent events per resource, shared by all watches: a watch is a place in the log, so an event is kept once
/// however many watch, and a slow reader costs nothing. The queue of a watch is bounded by the log: whose next event was
/// forgotten has overflowed and ends. The writer never waits.
final class EventHub: Sendable {
    private enum Outcome: Sendable {
        case events([StoreEvent])
        case end
        case failed(StoreError)
    }

    private struct Subscriber {
        let resource: String
        /// Only events above this: the start may lie in the future.
        let after: ResourceVersion
        var next: Int
        /// Asked to return with what there is, when nobody waited.
        var isInterrupted = false
        var waiter: CheckedContinuation<Outcome, Never>?
    }

    private struct State {
        var logs: [String: EventLog] = [:]
        var subscribers: [UInt64: Subscriber] = [:]
        /// The subscribers that wait for their next event, by resource.
        var waiting: [String: Set<UInt64>] = [:]
        var lastID: UInt64 = 0
        var isClosed = false
    }

    /// At most so many events are given at a time.
    private static let batch = 256

    private let state = NIOLockedValueBox(State())
    /// What happened up to here, before this process, is not remembered.
    private let origin: ResourceVersion
    private let maximumBytes: Int
    private let maximumCount: Int

    init(origin: ResourceVersion, maximumBytes: Int, maximumCount: Int) {
        self.origin = origin
        self.maximumBytes = maximumBytes
        self.maximumCount = maximumCount
    }

    /// How many subscriptions are alive.
    var subscriberCount: Int { state.withLockedValue { $0.subscribers.count } }

    /// How many events are remembered, and what they occupy.
    var history: (count: Int, bytes: Int) {
        state.withLockedValue { state in
            state.logs.values.reduce((0, 0)) { ($0.0 + $1.count, $0.1 + $1.bytes) }
        }
    }

    // MARK: writer's side

    /// Appends the events of one commit, in the order of their versions, and wakes who waits.
    func publish(_ events: [StoreEvent]) {
        let woken = state.withLockedValue { state in
            var woken: [(CheckedContinuation<Outcome, Never>, Outcome)] = []
            for (resource, fresh) in Dictionary(grouping: events, by: \.object.resource) {
                let end = state.logs[resource]?.end ?? 0
                for event in fresh { state.logs[resource, default: EventLog(forgotten: origin)].append(event) }
                wake(resource, fresh, numbered: end, &state, &woken)
            }
            trim(&state)
            return woken
        }
        for (waiter, outcome) in woken { waiter.resume(returning: outcome) }
    }

    /// Gives the fresh events to who waits for them: the same array to all.
    private func wake(
        _ resource: String, _ fresh: [StoreEvent], numbered first: Int, _ state: inout State,
        _ woken: inout [(CheckedContinuation<Outcome, Never>, Outcome)]
    ) {
        guard let waiting = state.waiting[resource], !waiting.isEmpty, let oldest = fresh.first else { return }
        var left: Set<UInt64> = []
        for id in waiting {
            guard let subscriber = state.subscribers[id], let waiter = subscriber.waiter else { continue }
            if subscriber.next == first, subscriber.after < oldest.resourceVersion {
                state.subscribers[id]?.next = first + fresh.count
                woken.append((waiter, .events(fresh)))
            } else if let outcome = take(id, &state) {
                woken.append((waiter, outcome))
            } else {
                left.insert(id)
                continue
            }
            state.subscribers[id]?.waiter = nil
        }
        state.waiting[resource] = left
    }

    private func trim(_ state: inout State) {
        for resource in state.logs.keys {
            while let count = state.logs[resource]?.count, count > maximumCount { state.logs[resource]?.dropFirst() }
        }
        while state.logs.values.reduce(0, { $0 + $1.bytes }) > maximumBytes,
            let largest = state.logs.max(by: { $0.value.bytes < $1.value.bytes })?.key
        {
            state.logs[largest]?.dropFirst()
        }
    }

    /// Ends all subscriptions with an error; later ones are refused.
    func close() {
        let closed = StoreError(.closed, "the store was closed")
        let waiters = state.withLockedValue { state in
            state.isClosed = true
            let waiters = state.subscribers.values.compactMap(\.waiter)
            for id in state.subscribers.keys { state.subscribers[id]?.waiter = nil }
            state.waiting = [:]
            state.logs = [:]
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: .failed(closed)) }
    }

    // MARK: readers' side

    /// A new subscriber to the events above a version; nil if some of them are not remembered.
    func subscribe(_ resource: String, after version: ResourceVersion) throws(StoreError) -> UInt64? {
        let outcome: Result<UInt64?, StoreError> = state.withLockedValue { state in
            if state.isClosed { return .failure(StoreError(.closed, "the store was closed")) }
            let log = state.logs[resource] ?? EventLog(forgotten: origin)
            guard version >= log.forgotten else { return .success(nil) }
            state.lastID += 1
            state.subscribers[state.lastID] = Subscriber(
                resource: resource, after: version, next: log.number(after: version), waiter: nil)
            return .success(state.lastID)
        }
        return try outcome.get()
    }

    /// Waits for a subscriber's next events, at least one; none if it was interrupted, nil at its end.
    func next(_ id: UInt64) async throws(StoreError) -> [StoreEvent]? {
        let ready = state.withLockedValue { take(id, &$0) }
        switch await wait(id, ready) {
        case .events(let events): return events
        case .end: return nil
        case .failed(let error): throw error
        }
    }

    private func wait(_ id: UInt64, _ ready: Outcome?) async -> Outcome {
        if let ready { return ready }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let ready = state.withLockedValue { state in
                    if let ready = take(id, &state) { return Outcome?.some(ready) }
                    guard let subscriber = state.subscribers[id], subscriber.waiter == nil else { return .end }
                    state.subscribers[id]?.waiter = waiter
                    state.waiting[subscriber.resource, default: []].insert(id)
                    return nil
                }
                if let ready { waiter.resume(returning: ready) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// What a subscriber may be given now, moving it on; nil if it has to wait.
    private func take(_ id: UInt64, _ state: inout State) -> Outcome? {
        guard let subscriber = state.subscribers[id] else { return .end }
        if state.isClosed { return .failed(StoreError(.closed, "the store was closed")) }
        var events: [StoreEvent] = []
        if let log = state.logs[subscriber.resource] {
            if subscriber.next < log.first {
                return .failed(
                    StoreError(
                        .watchOverflow,
                        "the watch fell behind: its next event was forgotten, events are kept from number \(log.first)")
                )
            }
            var next = subscriber.next
            while events.count < Self.batch, let event = log[next] {
                next += 1
                if event.resourceVersion > subscriber.after { events.append(event) }
            }
            state.subscribers[id]?.next = next
        }
        guard !events.isEmpty || subscriber.isInterrupted else { return nil }
        state.subscribers[id]?.isInterrupted = false
        return .events(events)
    }

    /// Lets the `next` that waits, or else the one that comes, return with what there is.
    func interrupt(_ id: UInt64) {
        let waiter = state.withLockedValue { state in
            guard let subscriber = state.subscribers[id] else { return CheckedContinuation<Outcome, Never>?.none }
            state.subscribers[id]?.isInterrupted = subscriber.waiter == nil
            state.subscribers[id]?.waiter = nil
            state.waiting[subscriber.resource]?.remove(id)
            return subscriber.waiter
        }
        waiter?.resume(returning: .events([]))
    }

    /// Ends a subscriber; a waiting `next` returns nil.
    func cancel(_ id: UInt64) {
        let waiter = state.withLockedValue { state in
            let subscriber = state.subscribers.removeValue(forKey: id)
            if let subscriber { state.waiting[subscriber.resource]?.remove(id) }
            return subscriber?.waiter
        }
        waiter?.resume(returning: .end)
    }
}
