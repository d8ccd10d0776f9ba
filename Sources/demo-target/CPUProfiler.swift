import NIOConcurrencyHelpers

/// Samples what the workers do a hundred times a second; one profile at a time, as in Go's runtime.
final class CPUProfiler: Sendable {
    static let period = Duration.milliseconds(10)

    private let workload: Workload
    private let isBusy = NIOLockedValueBox(false)

    init(_ workload: Workload) { self.workload = workload }

    /// Whether somebody is sampling.
    var isTaken: Bool { isBusy.withLockedValue { $0 } }

    /// Samples for `duration`; nil if somebody else is sampling. Rows are (samples, nanoseconds).
    ///
    /// Throws if the task is cancelled: the client is gone, and the next may begin.
    func sample(for duration: Duration) async throws -> SiteCounts? {
        let begun = isBusy.withLockedValue { busy in
            guard !busy else { return false }
            busy = true
            return true
        }
        guard begun else { return nil }
        defer { isBusy.withLockedValue { $0 = false } }
        var counts = SiteCounts()
        let clock = ContinuousClock()
        let end = clock.now + duration
        var next = clock.now
        while next < end {
            next += Self.period
            try await Task.sleep(until: next, clock: clock)
            for stack in workload.running { counts.add(stack, [1, Self.period.nanoseconds]) }
        }
        return counts
    }
}
