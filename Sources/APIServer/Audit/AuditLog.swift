internal import HTTPTransport
public import Logging
internal import NIOConcurrencyHelpers

/// How requests and the writing of their events meet: `--audit-log-mode`.
public enum AuditMode: String, Sendable, CaseIterable {
    /// Requests go on at once; events wait in a bounded queue and are lost, and counted, when it is full.
    case batch
    /// A request waits until its events are written or have failed to be. Event loops never do.
    case blocking
    /// As `blocking`, and a request whose first event can't be written is refused with 500 before anything is done.
    case blockingStrict = "blocking-strict"
}

/// Takes audit events from requests and writes them as lines, from a task of its own.
///
/// States: open → closed. What was taken before the end is still written. Memory is bounded: `queueLength` events and
/// ``queueBytes`` of bodies in mode `batch`, what the requests in flight hold in the others.
public final class AuditLog: Sendable {
    /// The longest line, unless told otherwise: k8s.io/apiserver's `--audit-log-truncate-max-event-size`.
    public static let defaultEventLimit = 102_400
    /// What the waiting events may hold of bodies.
    private static let queueBytes = 64 << 20
    /// How many events are written at a time.
    private static let batch = 400

    private struct Item: Sendable {
        let event: AuditEvent
        /// Who waits for its fate.
        let waiter: CheckedContinuation<Bool, Never>?
    }
    private struct State {
        var items: [Item] = []
        var bytes = 0
        var taker: CheckedContinuation<Void, Never>?
        var isClosed = false
        var lost: UInt64 = 0
    }

    /// Longer events lose their objects.
    let eventLimit: Int
    private let output: any AuditOutput
    private let mode: AuditMode
    private let queueLength: Int
    private let metrics: AuditMetrics
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    /// A log that writes to `output` while ``run()`` runs.
    public init(
        output: any AuditOutput, mode: AuditMode = .batch, queueLength: Int = 10_000,
        eventLimit: Int = AuditLog.defaultEventLimit, metrics: AuditMetrics, logger: Logger
    ) {
        self.output = output
        self.mode = mode
        self.queueLength = max(queueLength, 1)
        self.eventLimit = eventLimit
        self.metrics = metrics
        self.logger = logger
    }

    /// Whether a request whose first event can't be written must not go on.
    var isStrict: Bool { mode == .blockingStrict }

    /// Whether requests wait until their events are written.
    var waits: Bool { mode != .batch }

    /// Takes an event, if there is room.
    func take(_ event: AuditEvent) {
        metrics.events.increment()
        _ = enqueue(event, nil)
    }

    /// Takes an event and returns when it is written; false if it is lost.
    func process(_ event: AuditEvent) async -> Bool {
        metrics.events.increment()
        return await withCheckedContinuation { waiter in
            if !enqueue(event, waiter) { waiter.resume(returning: false) }
        }
    }

    private func enqueue(_ event: AuditEvent, _ waiter: CheckedContinuation<Bool, Never>?) -> Bool {
        let weight = event.weight
        let (isTaken, taker) = state.withLockedValue { state -> (Bool, CheckedContinuation<Void, Never>?) in
            let isFull = state.items.count >= queueLength || state.bytes + weight > Self.queueBytes
            guard !state.isClosed, waiter != nil || !isFull else {
                state.lost += 1
                return (false, nil)
            }
            state.items.append(Item(event: event, waiter: waiter))
            state.bytes += weight
            return (true, state.taker.take())
        }
        taker?.resume()
        if !isTaken { metrics.errors.with("buffered").increment() }
        return isTaken
    }

    /// Writes what comes, until ``close()`` or the task is cancelled, and then what is left. Run it once.
    @concurrent public func run() async {
        await withTaskCancellationHandler {
            while let items = await take() {
                let isWritten = await offEventLoop { [self] in write(items) }
                for item in items { item.waiter?.resume(returning: isWritten) }
            }
            await offEventLoop { [output] in output.close() }
        } onCancel: {
            close()
        }
    }

    /// Nothing more is taken; ``run()`` returns when all is written.
    public func close() {
        let taker = state.withLockedValue { state in
            state.isClosed = true
            return state.taker.take()
        }
        taker?.resume()
    }

    /// The next events, once there are any; nil at the end.
    private func take() async -> [Item]? {
        await withCheckedContinuation { continuation in
            let isReady = state.withLockedValue { state in
                if state.isClosed || !state.items.isEmpty { return true }
                state.taker = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        let (items, left, lost) = state.withLockedValue { state -> ([Item], Int, UInt64) in
            let items = Array(state.items.prefix(Self.batch))
            state.items.removeFirst(items.count)
            state.bytes = state.items.isEmpty ? 0 : state.bytes - items.reduce(0) { $0 + $1.event.weight }
            defer { state.lost = 0 }
            return (items, state.items.count, state.lost)
        }
        metrics.waiting.set(Double(left))
        if lost > 0 {
            logger.error("audit events were lost: the queue was full", metadata: ["events": "\(lost)"])
        }
        return items.isEmpty ? nil : items
    }

    private func write(_ items: [Item]) -> Bool {
        do {
            try output.write(items.map { $0.event.line(limit: eventLimit) })
            return true
        } catch {
            metrics.errors.with("log").increment(by: UInt64(items.count))
            logger.error("audit events can't be written", metadata: ["events": "\(items.count)", "error": "\(error)"])
            return false
        }
    }
}

/// Where lines of audit go. Called by one thread at a time, never by one of an event loop.
public protocol AuditOutput: Sendable {
    /// Writes whole lines, newlines included: all of them, or it throws.
    func write(_ lines: [[UInt8]]) throws
    /// No more lines come.
    func close()
}
