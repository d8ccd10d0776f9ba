public import APIServer
internal import NIOConcurrencyHelpers
internal import ProfefeCollector
internal import ProfileStore

/// The metrics of a collector behind the server.
public struct CollectorMetrics: Sendable {
    /// What became of a mirrored profile.
    enum Change: String, CaseIterable { case added, removed, skipped }

    private let polls: CounterFamily
    private let pollDuration: Histogram
    private let changes: CounterFamily
    private let reads: CounterFamily
    private let readDuration: Histogram
    private let writes: CounterFamily
    private let registry: MetricsRegistry

    /// Registers them.
    public init(registry: MetricsRegistry) {
        self.registry = registry
        polls = registry.counters(
            "profefe_collector_polls_total", "Polls of the collector by their end: ok, or the code of the error.",
            labels: ["result"])
        pollDuration = registry.histograms(
            "profefe_collector_poll_duration_seconds", "Time of a poll of all services and types.",
            buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300]
        ).with()
        changes = registry.counters(
            "profefe_collector_profiles_total",
            "Profiles that came into the mirror, went from it, or can't be shown.", labels: ["change"])
        reads = registry.counters(
            "profefe_collector_reads_total",
            "Reads of a profile's bytes: cached, ok, or the code of the error.", labels: ["result"])
        readDuration = registry.histograms(
            "profefe_collector_read_duration_seconds", "Time to read a profile's bytes from the collector.",
            buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 120]
        ).with()
        writes = registry.counters(
            "profefe_collector_writes_total", "Profiles sent to the collector: ok, or the code of the error.",
            labels: ["result"])
    }

    /// Registers what is looked up at each scrape.
    func observe(_ mirror: CollectorMirror, _ bytes: CollectorBytes) {
        func gauge(_ name: String, _ help: String) -> Gauge { registry.gauges(name, help).with() }
        let age = gauge(
            "profefe_collector_poll_age_seconds", "Since the last poll without an error began; -1 before the first one."
        )
        let mirrored = gauge("profefe_collector_mirrored_profiles", "Profiles that the mirror has.")
        let cached = gauge("profefe_collector_cache_bytes", "Memory of the bytes of profiles that were read.")
        registry.beforeExposition {
            age.set(mirror.freshness.age.map { $0 / .seconds(1) } ?? -1)
            mirrored.set(Double(mirror.count))
            cached.set(Double(bytes.cachedBytes))
        }
    }

    func polled(in time: Duration, _ failure: String?) {
        polls.with(failure ?? "ok").increment()
        pollDuration.observe(time / .seconds(1))
    }

    func changed(_ change: Change, _ count: Int) {
        if count > 0 { changes.with(change.rawValue).increment(by: UInt64(count)) }
    }

    func read(_ result: String) { reads.with(result).increment() }
    func read(in time: Duration, _ result: String) {
        read(result)
        readDuration.observe(time / .seconds(1))
    }

    func wrote(_ result: String) { writes.with(result).increment() }
}
