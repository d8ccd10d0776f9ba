internal import APIMachinery

/// The state of an ``EventHub``: logs, channels and subscribers. Used under its lock.
struct EventBoard: Sendable {
    /// What becomes of a subscriber's wish for its next events.
    enum Outcome: Sendable {
        case batch(EventBatch)
        case end
        case failed(StoreError)
    }

    typealias Waiter = CheckedContinuation<Outcome, Never>

    /// Someone who waits no more; called when the lock is free.
    struct Wake: Sendable {
        let waiter: Waiter
        let outcome: Outcome

        func callAsFunction() { waiter.resume(returning: outcome) }
    }

    struct Subscriber: Sendable {
        /// The place of its channel.
        let channel: Int
        /// Only events above this: the start may lie in the future.
        let after: ResourceVersion
        var next: Int
        /// Asked to return with what there is, when nobody waited.
        var isInterrupted = false
        var waiter: Waiter?
    }

    /// For each so many watches a channel rests as long again, up to so often.
    private static let watchesPerRest = 500
    private static let longestRest = 5

    let rest: Duration

    private(set) var subscribers: [UInt64: Subscriber] = [:]
    /// The version of the newest event of all.
    private var version: ResourceVersion
    private var logs: EventLogs
    private var channels: [EventChannel] = []
    private var directory = ChannelDirectory()
    private var kept = KeptPieces()
    private var lastID: UInt64 = 0
    /// The channels that hold something back.
    private var due: [Int] = []
    private var tickIsSet = false
    private var isClosed = false

    init(origin: ResourceVersion, maximumBytes: Int, maximumCount: Int, rest: Duration) {
        logs = EventLogs(origin: origin, maximumBytes: maximumBytes, maximumCount: maximumCount)
        self.rest = rest
        version = origin
    }

    var history: (count: Int, bytes: Int) { logs.size }
    /// The memory of the pieces that are kept.
    var keptBytes: Int { kept.bytes }

    // MARK: writer's side

    mutating func publish(_ events: [StoreEvent], at now: Duration) -> [Wake] {
        guard !isClosed else { return [] }
        var woken: [Wake] = []
        var touched: [Int] = []
        for event in events { append(event, &touched) }
        for channel in touched {
            channels[channel].isTouched = false
            // Where a tick was asked for it is about to come, be it late: whoever writes isn't to do its work.
            if channels[channel].isDue || channels[channel].restsUntil.map({ $0 > now }) ?? false {
                hold(channel)
            } else {
                tell(channel, at: now, &woken)
            }
        }
        while let log = logs.overfull { forgetOldest(of: log, at: now, &woken) }
        return woken
    }

    private mutating func append(_ event: StoreEvent, _ touched: inout [Int]) {
        let log = logs.append(event)
        version = max(version, event.resourceVersion)
        for channel in directory.channels(in: log) { touch(channel, log, &touched) }
        for channel in directory.channels(of: event.object.key.namespace, in: log) { touch(channel, log, &touched) }
    }

    private mutating func touch(_ channel: Int, _ log: Int, _ touched: inout [Int]) {
        channels[channel].append(logs[log])
        guard !channels[channel].isTouched else { return }
        channels[channel].isTouched = true
        touched.append(channel)
    }

    private mutating func hold(_ channel: Int) {
        guard !channels[channel].isDue else { return }
        channels[channel].isDue = true
        due.append(channel)
    }

    /// Gives a channel's events to who waits for them: the same batch to all.
    private mutating func tell(_ channel: Int, at now: Duration, _ woken: inout [Wake]) {
        let log = channels[channel].log
        for bytes in channels[channel].seal(logs[log]) { keep(channel, bytes) }
        let waiting = channels[channel].waiting
        if channels[channel].key.scope.pace == .gathered, rest > .zero {
            channels[channel].restsUntil = now + rest(of: waiting.count)
        }
        channels[channel].waiting = []
        for id in waiting {
            guard let waiter = subscribers[id]?.waiter else { continue }
            if let outcome = take(id) {
                subscribers[id]?.waiter = nil
                woken.append(Wake(waiter: waiter, outcome: outcome))
            } else {
                channels[channel].waiting.insert(id)
            }
        }
    }

    /// How long a channel rests that has told so many: to wake them takes time, which is to be a small part of all.
    func rest(of watches: Int) -> Duration {
        rest * min(Self.longestRest, 1 + watches / Self.watchesPerRest)
    }

    /// Counts a piece that a channel keeps, and lets the oldest of all go where they are too much.
    private mutating func keep(_ channel: Int, _ bytes: Int) {
        kept.add(KeptPieces.Piece(channel: channel, serial: channels[channel].serial, bytes: bytes))
        while let oldest = kept.popExcess() {
            if channels[oldest.channel].serial == oldest.serial { channels[oldest.channel].dropPiece() }
        }
    }

    /// Nothing is forgotten that was only held back.
    private mutating func forgetOldest(of log: Int, at now: Duration, _ woken: inout [Wake]) {
        for channel in due where channels[channel].log == log && channels[channel].sealed <= logs[log].first {
            tell(channel, at: now, &woken)
        }
        logs.forgetOldest(of: log)
    }

    // MARK: rest

    /// The pause until a tick is due that was not yet asked for.
    mutating func nextTick(at now: Duration) -> Duration? {
        guard !tickIsSet, let first = due.first else { return nil }
        tickIsSet = true
        return max(.zero, (channels[first].restsUntil ?? now) - now)
    }

    /// Tells all that is held back.
    mutating func tick(at now: Duration) -> [Wake] {
        tickIsSet = false
        var woken: [Wake] = []
        let due = due
        self.due = []
        for channel in due where channels[channel].isDue {
            channels[channel].isDue = false
            tell(channel, at: now, &woken)
        }
        return woken
    }

    mutating func close() -> [Wake] {
        isClosed = true
        let failure = Outcome.failed(Self.closed)
        let woken = subscribers.values.compactMap { $0.waiter.map { Wake(waiter: $0, outcome: failure) } }
        for id in Array(subscribers.keys) { subscribers[id]?.waiter = nil }
        (due, kept) = ([], KeptPieces())
        for channel in channels.indices { channels[channel].waiting = [] }
        logs.clear()
        return woken
    }

    private static let closed = StoreError(.closed, "the store was closed")

    // MARK: readers' side

    mutating func subscribe(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion
    ) throws(StoreError) -> UInt64? {
        if isClosed { throw Self.closed }
        let log = logs.place(of: resource)
        guard version >= logs[log].forgotten else { return nil }
        let channel = channel(EventChannel.Key(resource: resource, scope: scope), log)
        channels[channel].subscribers += 1
        lastID += 1
        subscribers[lastID] = Subscriber(
            channel: channel, after: version, next: logs[log].number(after: version), waiter: nil)
        return lastID
    }

    private mutating func channel(_ key: EventChannel.Key, _ log: Int) -> Int {
        if let place = directory.place(of: key) { return place }
        lastID += 1
        let channel = EventChannel(key, log: log, logs[log], serial: lastID)
        let place = directory.add(key, log: log)
        if place < channels.count { channels[place] = channel } else { channels.append(channel) }
        return place
    }

    private mutating func remove(_ place: Int) {
        let (key, log) = (channels[place].key, channels[place].log)
        directory.remove(key, log: log)
        due.removeAll { $0 == place }
        channels[place] = EventChannel(key, log: log, EventLog(forgotten: version), serial: 0)
    }

    /// What a subscriber may be given now, moving it on; nil if it has to wait.
    mutating func take(_ id: UInt64) -> Outcome? {
        guard let subscriber = subscribers[id] else { return .end }
        if isClosed { return .failed(Self.closed) }
        let (channel, log) = (subscriber.channel, channels[subscriber.channel].log)
        var next = subscriber.next
        if channels[channel].isBehind(next, logs[log]) {
            return .failed(
                StoreError(
                    .watchOverflow,
                    "the watch fell behind: its next event was forgotten, events are kept from number \(logs[log].first)"
                ))
        }
        let end = subscriber.isInterrupted ? logs[log].end : channels[channel].sealed
        defer { subscribers[id]?.next = next }
        while let piece = piece(of: channel, from: next, to: end, joined: subscriber.isInterrupted) {
            next = piece.range.upperBound
            guard let batch = piece.batch.above(subscriber.after) else { continue }
            subscribers[id]?.isInterrupted = false
            return .batch(batch)
        }
        guard subscriber.isInterrupted else { return nil }
        subscribers[id]?.isInterrupted = false
        next = max(next, end)
        return .batch(EventBatch([], through: version))
    }

    /// The shared piece that begins there, or one of its own: after an interruption all that is there comes at once.
    private func piece(of channel: Int, from next: Int, to end: Int, joined: Bool) -> EventChannel.Piece? {
        let log = channels[channel].log
        let first = channels[channel].first(from: next, logs[log])
        guard first < end else { return nil }
        if !joined, let piece = channels[channel].piece(from: first) { return piece }
        return channels[channel].cut(from: first, to: end, logs[log])
    }

    /// Lets a subscriber wait; or what it is given now.
    mutating func wait(_ id: UInt64, _ waiter: Waiter) -> Outcome? {
        if let ready = take(id) { return ready }
        guard let subscriber = subscribers[id], subscriber.waiter == nil else { return .end }
        subscribers[id]?.waiter = waiter
        channels[subscriber.channel].waiting.insert(id)
        return nil
    }

    mutating func interrupt(_ id: UInt64) -> Wake? {
        guard let subscriber = subscribers[id] else { return nil }
        subscribers[id]?.isInterrupted = true
        guard let waiter = subscriber.waiter, let outcome = take(id) else { return nil }
        subscribers[id]?.waiter = nil
        channels[subscriber.channel].waiting.remove(id)
        return Wake(waiter: waiter, outcome: outcome)
    }

    mutating func cancel(_ id: UInt64) -> Wake? {
        guard let subscriber = subscribers.removeValue(forKey: id) else { return nil }
        channels[subscriber.channel].waiting.remove(id)
        channels[subscriber.channel].subscribers -= 1
        if channels[subscriber.channel].subscribers == 0 { remove(subscriber.channel) }
        return subscriber.waiter.map { Wake(waiter: $0, outcome: .end) }
    }
}

extension EventBatch {
    /// Those of the events that lie above a version; nil if there is none.
    fileprivate func above(_ version: ResourceVersion) -> EventBatch? {
        if let first = events.first, first.resourceVersion > version { return self }
        let rest = events.filter { $0.resourceVersion > version }
        return rest.isEmpty ? nil : EventBatch(rest, through: through)
    }
}
