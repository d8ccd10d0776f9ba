import NIOConcurrencyHelpers

/// A clock that stands still until it is told to go on: pauses and deadlines in tests take no time and come when the test says.
public final class ManualClock: Clock, Sendable {
    /// A moment, counted from the clock's making.
    public struct Instant: InstantProtocol {
        /// Since the clock was made.
        public var offset: Duration
        /// The moment so long after the making.
        public init(offset: Duration) { self.offset = offset }
        /// The moment so much later.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// How much later the other is.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Orders by time.
        public static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private struct Sleeper {
        var id: Int
        var until: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var next = 0
        var waiters: [(sleepers: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// Takes out those who wait for as many sleepers as there are.
        mutating func served() -> [CheckedContinuation<Void, Never>] {
            let served = waiters.filter { $0.sleepers == sleepers.count }.map(\.continuation)
            waiters.removeAll { $0.sleepers == sleepers.count }
            return served
        }
    }

    private let state = NIOLockedValueBox(State())

    /// A clock at zero.
    public init() {}

    /// The moment that the test has set.
    public var now: Instant { state.withLockedValue { $0.now } }
    /// A nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// How many tasks sleep.
    public var sleeperCount: Int { state.withLockedValue { $0.sleepers.count } }

    /// The times left of those who sleep, shortest first.
    public var pauses: [Duration] {
        state.withLockedValue { state in state.sleepers.map { state.now.duration(to: $0.until) }.sorted() }
    }

    /// Sleeps until the test has moved the clock there; throws if the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLockedValue { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: Result<Void, any Error>? = change { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers.append(Sleeper(id: id, until: deadline, continuation: continuation))
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            let sleeper = change { state in
                let index = state.sleepers.firstIndex { $0.id == id }
                if index == nil { state.cancelled.insert(id) }
                return index.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Goes on by `duration` and wakes those whose time has come.
    public func advance(by duration: Duration) {
        let due = change { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.until <= state.now }
            state.sleepers.removeAll { $0.until <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Returns when exactly so many tasks sleep.
    public func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            change { state in state.waiters.append((count, continuation)) }
        }
    }

    /// Changes the state and tells those who waited for it.
    private func change<T>(_ body: (inout State) -> T) -> T {
        let (result, served) = state.withLockedValue { state in (body(&state), state.served()) }
        for waiter in served { waiter.resume() }
        return result
    }
}
