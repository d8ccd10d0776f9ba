import APIMachinery

/// What was written lately: which events are counted up, and whose are too many.
///
/// The limits are those of client-go's correlator (`tools/record`, `tools/events`). Its size is bounded: what is longest ago is forgotten.
struct EventMemory {
    /// What is to be done with an event.
    enum Verdict: Equatable {
        case write
        /// It is the `count`th of those at `path`.
        case count(path: String, count: Int)
        case drop
    }

    private struct Series {
        var path: String
        var count: Int
        var last: Duration
    }

    private struct Bucket {
        var tokens: Double
        var filled: Duration
    }

    /// Equal events further apart are written anew.
    static let recent = Duration.seconds(360)
    /// How many events an object may have at once.
    static let burst = 25.0
    /// How long it takes until it may have one more.
    static let refill = Duration.seconds(300)
    /// How many objects, and how many events, are remembered.
    static let limit = 4_096

    private var series: [KubeEvent: Series] = [:]
    private var buckets: [KubeObjectReference: Bucket] = [:]
    private var sequence: Int64 = 0

    /// How much is remembered.
    var size: Int { max(series.count, buckets.count) }

    /// Says what to do and counts it.
    mutating func judge(_ event: KubeEvent, at now: Duration) -> Verdict {
        guard take(event.regarding, at: now) else { return .drop }
        guard var known = series[event], now - known.last < Self.recent else { return .write }
        known.count += 1
        known.last = now
        series[event] = known
        return .count(path: known.path, count: known.count)
    }

    /// An event was written at `path`.
    mutating func wrote(_ event: KubeEvent, at path: String, _ now: Duration) {
        if series.count >= Self.limit {
            series = series.filter { now - $0.value.last < Self.recent }
            if series.count >= Self.limit { series = [:] }
        }
        series[event] = Series(path: path, count: 1, last: now)
    }

    /// What was written is gone.
    mutating func forget(_ event: KubeEvent) { series[event] = nil }

    /// The end of a new event's name: different for each.
    mutating func suffix(_ time: Timestamp) -> String {
        sequence = (sequence + 1) % 1_000
        let nanoseconds = (time.nanosecondsSince1970 ?? 0) / 1_000 * 1_000
        return String(UInt64(bitPattern: nanoseconds &+ sequence), radix: 16)
    }

    private mutating func take(_ object: KubeObjectReference, at now: Duration) -> Bool {
        if buckets.count >= Self.limit, buckets[object] == nil {
            buckets = buckets.filter { now - $0.value.filled < Self.refill * Self.burst }
            if buckets.count >= Self.limit { buckets = [:] }
        }
        let bucket = buckets[object] ?? Bucket(tokens: Self.burst, filled: now)
        let tokens = min(bucket.tokens + max((now - bucket.filled) / Self.refill, 0), Self.burst)
        guard tokens >= 1 else { return false }
        buckets[object] = Bucket(tokens: tokens - 1, filled: now)
        return true
    }
}
