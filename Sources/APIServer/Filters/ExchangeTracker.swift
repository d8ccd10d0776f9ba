internal import APIMachinery
internal import HTTPTransport
internal import NIOCore

/// Opens and closes exchanges: steps 2 to 6 of ``HandlerChain`` on the way in, step 3 and the last audit events on the way out. What
/// the opening and the steps behind it took, the closing gives back.
struct ExchangeTracker: Sendable {
    private(set) var targets: TargetReader
    let deadlines: DeadlinePolicy
    let goAway: GoAwayChance?
    let gate: ShutdownGate?
    let limits: InFlightLimits
    let metrics: RequestMetrics
    let log: RequestLog
    let auditor: Auditor?
    let clock: RequestClock
    private let auditIDs = AuditIDs()

    /// The same for requests that `dialect` reads.
    func speaking(_ dialect: any RequestDialect) -> ExchangeTracker {
        var tracker = self
        tracker.targets = TargetReader(metrics: metrics, dialect: dialect)
        return tracker
    }

    /// An exchange whose request nobody has looked at.
    func exchange(_ http: HTTPRequest) -> Exchange { Exchange(http: http, auditID: auditIDs.id(http.facts.auditID)) }

    /// Steps 4 to 6; throws what the exchange is refused with.
    func open(_ exchange: inout Exchange) throws -> RequestContext {
        let http = exchange.http
        let target = try targets.read(http)
        target.series?.longRunning?.add(1)
        var deadline = http.receivedAt
        var fault: StatusError?
        do throws(StatusError) {
            deadline = try deadlines.deadline(of: target.info, query: target.query, from: http.receivedAt)
        } catch {
            fault = error
        }
        let context = RequestContext(target: target, auditID: exchange.auditID, deadline: deadline)
        // Noted before anything is refused: the form of a refusal is in the query.
        exchange.context = context
        if let goAway, goAway.strikes(http.head) { exchange.closesConnection = true }
        try gate?.enter(&exchange)
        if let fault { throw fault }
        return context
    }

    /// Step 3; returns the audit events to ``record(_:)``.
    func close(_ exchange: Exchange) -> [AuditEvent] {
        if let place = exchange.context?.takePlace() { limits.leave(place) }
        let latency = clock.now() - exchange.http.receivedAt
        if let series = exchange.series {
            let seconds = Double(latency.nanoseconds) / 1e9
            series.longRunning?.add(-1)
            series.duration.observe(seconds)
            series.serviceLevel?.observe(seconds)
            series.count(code: exchange.code)
            if let bytes = exchange.context?.bodyBytes { series.bodySizes.observe(Double(bytes)) }
            if exchange.broken != nil { metrics.countAbort(series) }
        }
        log.finished(exchange, latency: latency)
        if exchange.isCounted { gate?.leave() }
        return auditor?.ended(exchange, waited: latency) ?? []
    }

    /// Waits for the events that an exchange has to wait for.
    func record(_ events: [AuditEvent]) async {
        for event in events { await auditor?.finish(event) }
    }
}
