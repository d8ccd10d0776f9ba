internal import Synchronization

/// How often observed values fell below each of some bounds.
public final class Histogram: Sendable, MetricValue {
    static var type: String { "histogram" }

    private struct State {
        /// Observations per bucket, the infinite one last; summed up only when written.
        var counts: [UInt64]
        var sum = 0.0
    }
    private let bounds: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]) {
        bounds = buckets
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.count + 1)))
    }

    /// Counts the values under one lock.
    func observe(_ values: [Double]) {
        state.withLock { state in
            for value in values {
                state.counts[bucket(of: value)] &+= 1
                state.sum += value
            }
        }
    }

    private func bucket(of value: Double) -> Int {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        return bucket
    }

    /// Counts one value.
    public func observe(_ value: Double) {
        let bucket = bucket(of: value)
        state.withLock { state in
            state.counts[bucket] &+= 1
            state.sum += value
        }
    }

    /// How many values were observed.
    public var count: UInt64 { state.withLock { $0.counts.reduce(0, &+) } }

    func write(name: String, labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        let separator = labels.isEmpty ? "" : ","
        var total: UInt64 = 0
        for (index, count) in state.counts.enumerated() {
            total &+= count
            let bound = index < bounds.count ? Exposition.number(bounds[index]) : "+Inf"
            Exposition.sample("\(name)_bucket", "\(labels)\(separator)le=\"\(bound)\"", String(total), to: &text)
        }
        Exposition.sample("\(name)_sum", labels, Exposition.number(state.sum), to: &text)
        Exposition.sample("\(name)_count", labels, String(total), to: &text)
    }
}
