internal import APIServer
internal import HTTPTransport
internal import Logging
internal import ProfileCapture
internal import ProfileStore

/// What belongs to the running of a server rather than to its requests: the announcement of its end, audit, metrics.
struct Operation: Sendable {
    /// Makes `/readyz` fail.
    let notice = ShutdownNotice()
    /// Ends watches.
    let watches = DrainSignal()
    /// Refuses requests during the shutdown; nil without `--shutdown-send-retry-after`.
    let gate: ShutdownGate?
    /// Nil if nothing is recorded.
    let auditing: Auditing?
    let admissions: AdmissionMetrics

    /// Registers the metrics of the process.
    init(_ configuration: AppConfiguration, _ auditing: Auditing?, registry: MetricsRegistry) {
        gate = configuration.operation.sendsRetryAfter ? ShutdownGate() : nil
        self.auditing = auditing
        admissions = AdmissionMetrics(registry: registry)
        ProcessMetrics.register(in: registry)
        Memory.register(in: registry)
    }

    /// The files that are read again when they change.
    var reloadables: [any Reloadable] { auditing.map { [$0.policy] } ?? [] }

    /// Registers what is looked up at each scrape.
    func observe(
        _ store: DeferredStore<EmbeddedStore>, _ captures: CaptureService, _ server: HTTPServer, directory: String,
        in registry: MetricsRegistry
    ) {
        StoreMetrics.observe(store, captures, directory: directory, in: registry)
        let expiry = registry.gauges(
            "profefe_serving_certificate_expiration_timestamp_seconds",
            "The last valid second of the serving certificate, Unix time; 0 before the server listens."
        ).with()
        registry.beforeExposition { expiry.set(Double(server.certificateExpiry ?? 0)) }
    }

    /// The end of the servers.
    func shutdown(of servers: [HTTPServer], _ configuration: AppConfiguration, logger: Logger) -> ShutdownSequence {
        ShutdownSequence(
            delay: configuration.shutdownDelay, drainTime: configuration.shutdownDrain,
            watchGrace: configuration.operation.watchGrace, servers: servers, notice: notice, watches: watches,
            gate: gate, logger: logger)
    }
}
