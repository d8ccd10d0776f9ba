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

    /// Values that are gathered before they are counted.
    struct Tally: Sendable {
        fileprivate let bounds: [Double]
        fileprivate var counts: [UInt64]
        fileprivate var sum = 0.0
        private(set) var count: UInt64 = 0

        fileprivate init(bounds: [Double]) {
            self.bounds = bounds
            counts = Array(repeating: 0, count: bounds.count + 1)
        }

        mutating func add(_ value: Double) {
            counts[Histogram.bucket(of: value, bounds)] &+= 1
            sum += value
            count &+= 1
        }

        /// Adds the values of a tally for the same histogram.
        mutating func add(_ other: Tally) {
            for index in counts.indices where index < other.counts.count { counts[index] &+= other.counts[index] }
            sum += other.sum
            count &+= other.count
        }

        mutating func removeAll() {
            for index in counts.indices { counts[index] = 0 }
            (sum, count) = (0, 0)
        }
    }

    /// A tally of nothing yet.
    func tally() -> Tally { Tally(bounds: bounds) }

    /// Counts what was gathered.
    func observe(_ tally: Tally) {
        state.withLock { state in
            for index in state.counts.indices where index < tally.counts.count {
                state.counts[index] &+= tally.counts[index]
            }
            state.sum += tally.sum
        }
    }

    private static func bucket(of value: Double, _ bounds: [Double]) -> Int {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        return bucket
    }

    /// Counts one value.
    public func observe(_ value: Double) {
        let bucket = Self.bucket(of: value, bounds)
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
