import NIOConcurrencyHelpers

/// A worker's call stack as it publishes it: the sampler reads it from another thread at any moment.
final class CallStack: Sendable {
    private struct State {
        var frames: Stack = []
        var isRunning = false
    }

    private let state = NIOLockedValueBox(State())

    /// Does `work` as a call from what runs now.
    func call<T>(_ frame: Frame, _ work: () throws -> T) rethrows -> T {
        state.withLockedValue { $0.frames.append(frame) }
        defer { state.withLockedValue { _ = $0.frames.popLast() } }
        return try work()
    }

    /// Whether the worker uses the processor; it doesn't while it waits for a lock or sleeps.
    func setRunning(_ isRunning: Bool) {
        state.withLockedValue { $0.isRunning = isRunning }
    }

    /// The stack, running or not.
    var current: Stack { state.withLockedValue { $0.frames } }

    /// The stack if the worker uses the processor.
    var running: Stack? { state.withLockedValue { $0.isRunning && !$0.frames.isEmpty ? $0.frames : nil } }
}
