public import HTTPTransport

/// Counts what the transport reports.
public struct TransportMetrics: TransportObserver {
    private let handshakeErrors: Counter
    private let open: Gauge
    private let opened: Counter
    private let refused: Counter
    private let limits: CounterFamily
    private let reloads: CounterFamily

    /// Registers its metrics.
    public init(registry: MetricsRegistry) {
        handshakeErrors = registry.counters(
            "apiserver_tls_handshake_errors_total", "TLS handshakes that failed, clients that left excepted."
        ).with()
        open = registry.gauges("apiserver_open_connections", "Connections now.").with()
        opened = registry.counters("apiserver_connections_total", "Connections accepted.").with()
        refused = registry.counters(
            "apiserver_connections_refused_total", "Connections closed because too many were open."
        ).with()
        limits = registry.counters(
            "apiserver_transport_limits_total", "Requests and connections ended by a limit of the transport.",
            labels: ["limit"])
        reloads = registry.counters(
            "apiserver_certificate_reloads_total", "Readings of the serving certificate.", labels: ["result"])
    }

    /// A connection was accepted.
    public func connectionOpened() {
        opened.increment()
        open.add(1)
    }

    /// A connection ended.
    public func connectionClosed(requests: Int) { open.add(-1) }

    /// A connection was closed because too many are open.
    public func connectionRefused() { refused.increment() }

    /// A TLS handshake failed.
    public func handshakeFailed(_ error: TransportError) {
        if error.code != .connectionClosed { handshakeErrors.increment() }
    }

    /// A limit ended a request or a connection.
    public func limitReached(_ limit: String) { limits.with(limit).increment() }

    /// The serving certificate was read again, or could not be.
    public func certificateReloaded(_ error: TransportError?) {
        reloads.with(error == nil ? "success" : "error").increment()
    }
}
