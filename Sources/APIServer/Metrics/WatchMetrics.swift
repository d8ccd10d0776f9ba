/// Counts what watches send, by kube-apiserver's names (conformance 11.2).
public struct WatchMetrics: Sendable {
    /// The series of one resource.
    struct Series: Sendable {
        let events: Counter
        let sizes: Histogram
    }
    private let events: CounterFamily
    private let sizes: HistogramFamily
    private let listDurations: HistogramFamily

    /// Registers them.
    public init(registry: MetricsRegistry) {
        let labels = ["group", "version", "resource"]
        events = registry.counters("apiserver_watch_events_total", "Events sent to watches.", labels: labels)
        sizes = registry.histograms(
            "apiserver_watch_events_sizes", "Bytes of an event sent to a watch.", labels: labels,
            buckets: (0..<8).map { Double(1024 << $0) })
        listDurations = registry.histograms(
            "apiserver_watch_list_duration_seconds",
            "Time until a watch that asked for the present objects had sent them.", labels: labels + ["scope"],
            buckets: [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60])
    }

    func series(group: String, version: String, resource: String) -> Series {
        Series(events: events.with(group, version, resource), sizes: sizes.with(group, version, resource))
    }

    /// The present objects were sent.
    func listed(_ info: RequestInfo, seconds: Double) {
        listDurations.with(info.group, info.version, info.resource, info.namespace.isEmpty ? "cluster" : "namespace")
            .observe(seconds)
    }
}
