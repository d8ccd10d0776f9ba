internal import APIServer
internal import HTTPTransport
internal import Logging

/// Counts what happens on connections, under kube-apiserver's names where it has one.
struct TransportMetrics: TransportObserver {
    private let logger: Logger
    private let handshakeErrors: Counter
    private let connections: Gauge
    private let refused: Counter
    private let limits: CounterFamily
    private let reloads: CounterFamily

    init(registry: MetricsRegistry, logger: Logger) {
        self.logger = logger
        handshakeErrors = registry.counters(
            "apiserver_tls_handshake_errors_total", "TLS handshakes that failed."
        ).with()
        connections = registry.gauges("profefe_transport_connections", "Connections that are open.").with()
        refused = registry.counters(
            "profefe_transport_connections_refused_total", "Connections closed because of --max-connections."
        ).with()
        limits = registry.counters(
            "profefe_transport_limits_reached_total", "Connections or streams ended by a limit.", labels: ["limit"])
        reloads = registry.counters(
            "profefe_transport_certificate_reloads_total", "Changes of the serving certificate's files.",
            labels: ["result"])
    }

    func connectionOpened() { connections.add(1) }
    func connectionClosed(requests: Int) { connections.add(-1) }
    func connectionRefused() { refused.increment() }

    func handshakeFailed(_ error: TransportError) {
        handshakeErrors.increment()
        logger.debug("a TLS handshake failed", metadata: ["error": "\(error)"])
    }

    func limitReached(_ limit: String) { limits.with(limit).increment() }

    func certificateReloaded(_ error: TransportError?) {
        reloads.with(error == nil ? "success" : "failure").increment()
        if let error {
            logger.error(
                "the serving certificate changed but is not usable; the last good one stays",
                metadata: ["error": "\(error)"])
        } else {
            logger.notice("the serving certificate was read anew")
        }
    }
}
