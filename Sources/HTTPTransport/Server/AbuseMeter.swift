package import NIOCore

/// A token bucket: so many at once, so many per second after that.
package struct AbuseMeter: Sendable {
    private let burst: Double
    private let perNanosecond: Double
    private var tokens: Double
    private var last: NIODeadline?

    /// A full bucket.
    package init(burst: Int, perSecond: Int) {
        self.burst = Double(burst)
        perNanosecond = Double(perSecond) / 1e9
        tokens = Double(burst)
    }

    /// Counts one event at `now`; false if it is one too many. Time that goes backwards refills nothing.
    package mutating func allows(at now: NIODeadline) -> Bool {
        if let last, now > last {
            tokens = min(burst, tokens + Double((now - last).nanoseconds) * perNanosecond)
        }
        last = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
