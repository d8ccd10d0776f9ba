import NIOConcurrencyHelpers

/// One suspended `write`, resumed exactly once by whoever comes first: room, the end of the stream, or cancellation.
package final class WriteWaiter: Sendable {
    private enum State {
        case waiting
        case suspended(CheckedContinuation<TransportError?, Never>)
        case resumed(TransportError?)
    }
    private let state = NIOLockedValueBox(State.waiting)

    package init() {}

    /// Ends the wait; nil means "write on". Callable from any thread, only the first call counts.
    package func resume(_ error: TransportError?) {
        let continuation = state.withLockedValue { state -> CheckedContinuation<TransportError?, Never>? in
            switch state {
            case .waiting:
                state = .resumed(error)
                return nil
            case .suspended(let continuation):
                state = .resumed(error)
                return continuation
            case .resumed:
                return nil
            }
        }
        continuation?.resume(returning: error)
    }

    /// Suspends until ``resume(_:)``.
    package func wait() async -> TransportError? {
        await withCheckedContinuation { continuation in
            let done = state.withLockedValue { state -> TransportError?? in
                if case .resumed(let error) = state { return .some(error) }
                state = .suspended(continuation)
                return nil
            }
            if let done { continuation.resume(returning: done) }
        }
    }
}

/// The suspended writes of one stream; lives on its event loop.
package struct WriteWaiters {
    private var waiting: [WriteWaiter] = []

    package init() {}

    /// Whether nobody waits.
    package var isEmpty: Bool { waiting.isEmpty }

    /// Adds one that waits for room.
    package mutating func append(_ waiter: WriteWaiter) { waiting.append(waiter) }

    /// Forgets one whose task was cancelled.
    package mutating func remove(_ waiter: WriteWaiter) { waiting.removeAll { $0 === waiter } }

    /// Lets all go on (nil) or fail.
    package mutating func resumeAll(_ error: TransportError? = nil) {
        guard !waiting.isEmpty else { return }
        let all = waiting
        waiting = []
        for waiter in all { waiter.resume(error) }
    }
}
