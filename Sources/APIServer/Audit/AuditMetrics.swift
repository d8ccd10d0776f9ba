/// The counters of audit, under the names of k8s.io/apiserver (`pkg/audit/metrics.go`).
public struct AuditMetrics: Sendable {
    let events: Counter
    let errors: CounterFamily
    let levels: CounterFamily
    let rejected: Counter
    let waiting: Gauge

    /// Registers them.
    public init(registry: MetricsRegistry) {
        events = registry.counters(
            "apiserver_audit_event_total", "Audit events generated and given to the backend."
        ).with()
        errors = registry.counters(
            "apiserver_audit_error_total",
            "Audit events that were lost, by what lost them: buffered (queue full), log (file).",
            labels: ["plugin"])
        levels = registry.counters(
            "apiserver_audit_level_total", "Requests by the level that the policy gave them.", labels: ["level"])
        rejected = registry.counters(
            "apiserver_audit_requests_rejected_total", "Requests refused because their audit event could not be stored."
        ).with()
        waiting = registry.gauges("profefe_audit_queue_events", "Audit events that wait to be written.").with()
        for plugin in ["buffered", "log"] { _ = errors.with(plugin) }
    }
}
