internal import APIMachinery
public import Logging
internal import NIOConcurrencyHelpers

/// Runs captures: a bounded number side by side, a bounded queue behind them.
///
/// A place in the queue is reserved before a capture is stored: a full queue is an answer (429), not a delay, and whoever follows the
/// stored captures knows this one already. ``run()`` is the service; when its task is cancelled, running captures stop where they are;
/// the next start resumes them.
public final class CaptureService: Sendable {
    /// The bounds.
    public struct Limits: Sendable {
        /// Captures that run side by side.
        public var running = 16
        /// Captures that wait.
        public var queued = 256
        /// The defaults: 16 and 256.
        public init() {}
    }

    private struct State {
        var reserved: Set<String> = []
        var waiting: [CaptureJob] = []
        var running: [String: AsyncStream<Void>.Continuation] = [:]
        var wakeUp: AsyncStream<Void>.Continuation?

        func knows(_ uid: String) -> Bool {
            reserved.contains(uid) || running[uid] != nil || waiting.contains { $0.uid == uid }
        }

        mutating func enqueue(_ job: CaptureJob) {
            waiting.append(job)
            wakeUp?.yield()
        }
    }

    private let runner: CaptureRunner
    private let limits: Limits
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - runner: runs one capture.
    ///   - limits: the bounds.
    ///   - logger: one line per ended capture.
    public init(runner: CaptureRunner, limits: Limits = Limits(), logger: Logger) {
        self.runner = runner
        self.limits = limits
        self.logger = logger
    }

    /// Keeps a place for a capture that is about to be stored: ``submit(_:)`` or ``release(uid:)`` must follow.
    ///
    /// - Returns: false if the queue is full.
    public func reserve(uid: String) -> Bool {
        state.withLockedValue { state in
            guard state.waiting.count + state.reserved.count < limits.queued else { return false }
            state.reserved.insert(uid)
            return true
        }
    }

    /// Gives a reserved place back: the capture could not be stored.
    public func release(uid: String) {
        state.withLockedValue { _ = $0.reserved.remove(uid) }
    }

    /// Whether the capture has a place, waits or runs.
    public func knows(uid: String) -> Bool { state.withLockedValue { $0.knows(uid) } }

    /// Queues a capture that has a reserved place; without one (it was cancelled meanwhile) nothing happens.
    public func submit(_ job: CaptureJob) {
        state.withLockedValue { state in
            guard state.reserved.remove(job.uid) != nil else { return }
            state.enqueue(job)
        }
    }

    /// Queues a capture that was interrupted, even beyond the limit; nothing happens if it is known already.
    public func resume(_ job: CaptureJob) {
        state.withLockedValue { state in
            if !state.knows(job.uid) { state.enqueue(job) }
        }
    }

    /// Ends a capture, reserved, waiting or running, because its object was deleted. Unknown ones are no error.
    public func cancel(uid: String) {
        state.withLockedValue { state in
            state.reserved.remove(uid)
            state.waiting.removeAll { $0.uid == uid }
            state.running[uid]?.finish()
        }
    }

    /// How many captures run, and how many wait for their turn.
    public var counts: (running: Int, queued: Int) {
        state.withLockedValue { ($0.running.count, $0.waiting.count + $0.reserved.count) }
    }

    /// Runs what is submitted until the task is cancelled.
    public func run() async {
        let (wakeUps, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { $0.wakeUp = continuation }
        continuation.yield()
        await withDiscardingTaskGroup { group in
            for await _ in wakeUps {
                while let (job, stop) = next() {
                    group.addTask {
                        await self.run(job, until: stop)
                        self.ended(job)
                        continuation.yield()
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func next() -> (CaptureJob, AsyncStream<Void>)? {
        state.withLockedValue { state in
            guard state.running.count < limits.running, !state.waiting.isEmpty else { return nil }
            let job = state.waiting.removeFirst()
            let (stop, continuation) = AsyncStream.makeStream(of: Void.self)
            state.running[job.uid] = continuation
            return (job, stop)
        }
    }

    private func ended(_ job: CaptureJob) {
        state.withLockedValue { $0.running[job.uid] = nil }
    }

    /// Runs one capture; the end of `stop` cancels it.
    private func run(_ job: CaptureJob, until stop: AsyncStream<Void>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.runner.run(job) }
            group.addTask { for await _ in stop {} }
            await group.next()
            group.cancelAll()
        }
        logger.debug(
            "capture ended", metadata: ["capture": "\(job.key.namespace)/\(job.key.name)", "uid": "\(job.uid)"])
    }
}
