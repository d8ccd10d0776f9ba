internal import NIOConcurrencyHelpers
internal import NIOCore

/// Runs the work of a request against its deadline.
///
/// Work that is done without suspending starts no timer: it costs one child task. Work that suspends races a sleeping
/// child. When the deadline wins, `onTimeout` runs **at once**, the work is cancelled, and ``run(until:clock:onTimeout:_:)``
/// returns when the work has noticed: so a place among those in flight is kept as long as it is really used.
enum DeadlineRace {
    private enum Event<Value: Sendable>: Sendable {
        case finished(Value)
        case timedOut
        case timerCancelled
    }

    /// The work's value; nil if the deadline came first.
    static func run<Value: Sendable>(
        until deadline: NIODeadline, clock: RequestClock, onTimeout: () -> Void = {},
        _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        if deadline == .distantFuture { return await work() }
        let isDone = NIOLockedValueBox(false)
        return await withTaskGroup(of: Event<Value>.self) { group in
            group.addImmediateTask {
                let value = await work()
                isDone.withLockedValue { $0 = true }
                return .finished(value)
            }
            if !isDone.withLockedValue({ $0 }) {
                group.addTask {
                    do { try await clock.sleep(deadline) } catch { return .timerCancelled }
                    return .timedOut
                }
            }
            while let event = await group.next() {
                switch event {
                case .finished(let value):
                    group.cancelAll()
                    return value
                case .timedOut:
                    onTimeout()
                    group.cancelAll()
                    return nil
                case .timerCancelled: continue
                }
            }
            return nil
        }
    }
}
