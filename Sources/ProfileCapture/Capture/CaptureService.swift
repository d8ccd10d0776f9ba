internal import APIMachinery
public import Logging
internal import NIOConcurrencyHelpers

/// Runs captures: a bounded number side by side, a bounded queue behind them.
///
/// ``hasRoom`` is asked before a capture is stored: a full queue is an answer (429), not a delay. ``run()`` is the service; when its task is
/// cancelled, running captures stop where they are; the next start resumes them.
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
        var waiting: [CaptureJob] = []
        var running: [String: AsyncStream<Void>.Continuation] = [:]
        var wakeUp: AsyncStream<Void>.Continuation?
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

    /// Whether another capture would be taken now: asked before a capture is stored.
    public var hasRoom: Bool { state.withLockedValue { $0.waiting.count < limits.queued } }

    /// Whether the capture waits or runs.
    public func knows(uid: String) -> Bool {
        state.withLockedValue { state in state.running[uid] != nil || state.waiting.contains { $0.uid == uid } }
    }

    /// Queues a capture that was admitted by ``hasRoom``, or that a restart interrupted.
    public func submit(_ job: CaptureJob) {
        state.withLockedValue { state in
            state.waiting.append(job)
            state.wakeUp?.yield()
        }
    }

    /// Ends a capture, running or waiting, because its object was deleted. Unknown ones are no error.
    public func cancel(uid: String) {
        state.withLockedValue { state in
            state.waiting.removeAll { $0.uid == uid }
            state.running[uid]?.finish()
        }
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
        logger.debug("capture ended", metadata: ["capture": "\(job.key.namespace)/\(job.key.name)", "uid": "\(job.uid)"])
    }
}
