import NIOConcurrencyHelpers

/// A lock that tells where threads wait for it, and who made them wait.
final class CountedLock: Sendable {
    private let lock = NIOLock()
    private let holder = NIOLockedValueBox<Stack>([])
    private let waits: SiteTable
    private let holds: SiteTable

    /// Adds (contentions, nanoseconds) to `waits` under the waiting stack and to `holds` under the holder's.
    init(waits: SiteTable, holds: SiteTable) {
        self.waits = waits
        self.holds = holds
    }

    func withLock<T>(_ stack: CallStack, _ work: () -> T) -> T {
        stack.call(Frame("CountedLock.withLock")) {
            stack.setRunning(false)
            let blocker = holder.withLockedValue { $0 }
            let start = ContinuousClock.now
            lock.lock()
            let waited = start.duration(to: .now)
            stack.setRunning(true)
            // An uncontended lock takes well under a microsecond.
            if waited > .microseconds(5), !blocker.isEmpty {
                let row = [1, waited.nanoseconds]
                waits.add(stack.current, row)
                holds.add(blocker, row)
            }
            holder.withLockedValue { $0 = stack.current }
        }
        defer {
            holder.withLockedValue { $0 = [] }
            lock.unlock()
        }
        return work()
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to what an Int64 holds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product &+ attoseconds / 1_000_000_000
    }
}
