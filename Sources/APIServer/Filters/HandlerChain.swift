internal import APIMachinery
public import HTTPTransport
public import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// The way of every request, from the transport to its endpoint, in this order:
///
/// | # | step | what it does |
/// |---|---|---|
/// | 1 | error boundary | every error becomes one Status; nothing of its cause is sent |
/// | 2 | audit id | the client's, or a new one; sent back as `Audit-Id` |
/// | 3 | metrics, log | counted when the answer ends; a line if it was slow or failed |
/// | 4 | request info | target decoded once, ``RequestInfo``, parameters |
/// | 5 | shutdown | 429 once the server sends new requests elsewhere; GOAWAY now and then, for balance |
/// | 6 | deadline | 504 when it passes before the head; the stream is reset after |
/// | 7 | authentication | who it is, or 401; credentials are removed |
/// | 8 | impersonation | as whom `Impersonate-…` headers ask to act, if that is allowed, or 403 |
/// | 9 | audit | the first event; the last when the answer ends; ``Auditor`` |
/// | 10 | in-flight limit | 429; after authentication, because `system:masters` is exempt |
/// | 11 | authorization | 403, or 500 when it can't be decided |
/// | 12 | endpoint | the answer |
///
/// Steps 7 and 11 are made once for the requests of an HTTP/2 connection that carry the same header fields, as long as what they found
/// rests on files alone: it is found anew by the first request after one of them was read again, see ``Lasting``.
///
/// Kubernetes' servers catch a panic in a handler and answer 500. Swift can't: an arithmetic overflow, an index out of range
/// or a force-unwrapped nil in a handler **ends the process**. So code below this chain uses none of them on outside data,
/// parsers are fuzzed, and availability rests on replicas.
public final class HandlerChain: HTTPHandler {
    private let deadlines: DeadlinePolicy
    private let limits: InFlightLimits
    private let authentication: AuthenticationStep
    private let authorization: AuthorizationStep
    private let endpoint: any Endpoint
    private let metrics: RequestMetrics
    private let targets: TargetReader
    /// Nil where requests are Kubernetes' own.
    private let dialect: (any RequestDialect)?
    /// Makes of an authorizer one that is measured.
    private let measured: @Sendable (any Authorizer) -> any Authorizer
    private let log: RequestLog
    private let clock: RequestClock
    private let auditor: Auditor?
    private let gate: ShutdownGate?
    private let goAway: GoAwayChance?
    private let auditIDs = AuditIDs()

    /// A chain that ends in `endpoint`.
    public init(
        configuration: HandlerChainConfiguration = HandlerChainConfiguration(), authenticator: any Authenticator,
        authorizer: any Authorizer, endpoint: any Endpoint, registry: MetricsRegistry, resources: KnownResources,
        logger: Logger, clock: RequestClock = .system, auditor: Auditor? = nil, gate: ShutdownGate? = nil
    ) {
        deadlines = DeadlinePolicy(
            requestTimeout: configuration.requestTimeout, mutatingTimeout: configuration.mutatingRequestTimeout)
        limits = InFlightLimits(
            readOnly: configuration.maxRequestsInFlight, mutating: configuration.maxMutatingRequestsInFlight)
        let filters = FilterMetrics(registry: registry, now: clock.now)
        authentication = AuthenticationStep(
            authenticator: MeasuredAuthenticator(authenticator, filters, registry: registry),
            impersonation: Impersonation(authorizer: authorizer))
        measured = { MeasuredAuthorizer($0, filters, registry: registry) }
        authorization = AuthorizationStep(authorizer: measured(authorizer))
        self.endpoint = endpoint
        metrics = RequestMetrics(registry: registry, resources: resources)
        targets = TargetReader(metrics: metrics)
        dialect = nil
        log = RequestLog(
            logger: logger, slowThreshold: TimeAmount(configuration.slowRequestThreshold),
            tellsAll: configuration.logsEveryRequest)
        self.clock = clock
        self.auditor = auditor
        self.gate = gate
        goAway = GoAwayChance(configuration.goAwayChance)
        let inFlight = registry.gauges(
            "apiserver_current_inflight_requests", "The most requests in flight since the last scrape.",
            labels: ["request_kind"])
        registry.beforeExposition { [limits] in
            for kind in InFlightLimits.Kind.allCases {
                inFlight.with(kind.rawValue).set(Double(limits.takeHighWatermark(kind)))
            }
        }
    }

    /// The same chain for another API in front of the server: limits, audit, metrics and who is who are shared.
    ///
    /// - Parameters:
    ///   - dialect: says what the requests mean and how refusals are written.
    ///   - authorizer: decides on these requests; as whom somebody may act is still decided by that of the first chain.
    ///   - endpoint: answers them.
    public func speaking(
        _ dialect: any RequestDialect, authorizer: any Authorizer, endpoint: any Endpoint
    ) -> HandlerChain {
        HandlerChain(of: self, dialect, authorizer: authorizer, endpoint: endpoint)
    }

    private init(
        of other: HandlerChain, _ dialect: any RequestDialect, authorizer: any Authorizer, endpoint: any Endpoint
    ) {
        deadlines = other.deadlines
        limits = other.limits
        authentication = other.authentication
        measured = other.measured
        authorization = AuthorizationStep(authorizer: other.measured(authorizer))
        self.endpoint = endpoint
        metrics = other.metrics
        targets = TargetReader(metrics: other.metrics, dialect: dialect)
        self.dialect = dialect
        log = other.log
        clock = other.clock
        auditor = other.auditor
        gate = other.gate
        goAway = other.goAway
    }

    /// Takes the steps as far as they need no waiting: to the end for all that is in memory. The rest goes on in a task.
    public func begin(_ http: HTTPRequest) -> HTTPAnswer {
        var exchange = Exchange(http: http, auditID: auditIDs.id(http.facts.auditID))
        do {
            let context = try open(&exchange)
            let reached = try advance(UnauthenticatedRequest(http: http, context: context))
            if case .answered(let response) = reached, case .bytes(let body) = response.body {
                // First: it notes the code, which `end` counts.
                let head = head(of: response, body, &exchange)
                return end(exchange, with: head, body)
            }
            return .later { [self, exchange] writer in await finish(exchange, context, reached, writer) }
        } catch {
            let (head, body) = refuse(ErrorBoundary.refusal(error), in: &exchange)
            return end(exchange, with: head, body)
        }
    }

    /// Answers a request, in a task from the beginning.
    public func handle(_ http: HTTPRequest, _ response: consuming ResponseWriter) async {
        switch begin(http) {
        case .whole(let head, let body): response.send(head, body: body)
        case .later(let answer): await answer(response)
        }
    }

    /// The steps that are left, against the deadline.
    private func finish(
        _ exchange: Exchange, _ context: RequestContext, _ stage: Stage, _ writer: consuming ResponseWriter
    ) async {
        var exchange = exchange
        var writer: ResponseWriter? = consume writer
        do {
            var response: APIResponse?
            if case .answered(let answer) = stage {
                response = answer
            } else {
                let result = await DeadlineRace.run(
                    until: context.deadline, clock: clock,
                    onTimeout: {
                        let error = StatusError.timeout("request did not complete within the allotted timeout")
                        writer.take()?.send(refuse(error, in: &exchange))
                    },
                    { [self] in await complete(stage) })
                response = try result?.get()
            }
            // The writer is taken last: dropped by a throw, it would answer for itself.
            if let response, let writer = writer.take() {
                await answer(response, writer, context.deadline, &exchange)
            }
        } catch {
            writer.take()?.send(refuse(ErrorBoundary.refusal(error), in: &exchange))
        }
        for event in close(exchange) { await auditor?.finish(event) }
    }

    /// Steps 4 to 6, on the way in.
    private func open(_ exchange: inout Exchange) throws -> RequestContext {
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

    // MARK: steps 8 to 12

    /// How far a request has come.
    private enum Stage {
        case received(UnauthenticatedRequest)
        case authenticated(AuthenticatedRequest)
        /// Recorded, and among those in flight.
        case admitted(AuthenticatedRequest)
        case authorized(AuthorizedRequest)
        /// Nothing but the writing is left.
        case answered(APIResponse)
    }

    /// Goes on until a step has to wait.
    private func advance(_ request: UnauthenticatedRequest) throws -> Stage {
        guard let authenticated = try authentication.authenticateAtOnce(request) else { return .received(request) }
        settle(authenticated)
        if auditor?.waits ?? false { return .authenticated(authenticated) }
        _ = received(authenticated)
        try admit(authenticated)
        guard let authorized = try authorization.authorizeAtOnce(authenticated) else { return .admitted(authenticated) }
        try UpgradeRefusal.check(request.http)
        return try endpoint.respondAtOnce(to: authorized).map { .answered($0) } ?? .authorized(authorized)
    }

    /// Waits for each step that is left.
    private func complete(_ stage: Stage) async -> Result<APIResponse, any Error> {
        do {
            switch stage {
            case .received(let request):
                let authenticated = try await authentication.authenticate(request)
                settle(authenticated)
                return await complete(.authenticated(authenticated))
            case .authenticated(let request):
                if let event = received(request) { try await auditor?.store(event) }
                try admit(request)
                return await complete(.admitted(request))
            case .admitted(let request):
                return await complete(.authorized(try await authorization.authorize(request)))
            case .authorized(let request):
                try UpgradeRefusal.check(request.http)
                return .success(try await endpoint.respond(to: request))
            case .answered(let response):
                return .success(response)
            }
        } catch {
            return .failure(error)
        }
    }

    /// Behind step 8, where what a request means depends on its sender.
    private func settle(_ request: AuthenticatedRequest) {
        guard let dialect, let info = dialect.info(request.info, sentBy: request.user) else { return }
        request.context.settle(info)
    }

    /// Step 9; the event that the request has to wait for, if any.
    private func received(_ request: AuthenticatedRequest) -> AuditEvent? {
        request.context.authenticated(request.sender)
        guard let auditor else { return nil }
        return auditor.received(request, waited: clock.now() - request.http.receivedAt)
    }

    /// Step 10.
    private func admit(_ request: AuthenticatedRequest) throws {
        if !request.sender.isExempt, let kind = request.context.target.place {
            guard limits.enter(kind) else { throw StatusError.tooManyRequests() }
            request.context.took(kind)
        }
    }

    // MARK: the answer

    private func head(
        of answer: APIResponse, _ body: ByteBuffer, _ exchange: inout Exchange
    ) -> HTTPTransport.HTTPResponseHead {
        exchange.series?.sizes.observe(Double(body.readableBytes))
        exchange.context?.audit?.answered(answer)
        return exchange.head(answer)
    }

    private func end(
        _ exchange: Exchange, with head: HTTPTransport.HTTPResponseHead, _ body: ByteBuffer
    ) -> HTTPAnswer {
        let events = close(exchange)
        if events.isEmpty { return .whole(head, body: body) }
        return .later { [self] writer in
            writer.send(head, body: body)
            for event in events { await auditor?.finish(event) }
        }
    }

    private func answer(
        _ answer: APIResponse, _ writer: consuming ResponseWriter, _ deadline: NIODeadline, _ exchange: inout Exchange
    ) async {
        switch answer.body {
        case .bytes(let buffer):
            writer.send(head(of: answer, buffer, &exchange), body: buffer)
        case .stream(let write):
            let head = exchange.head(answer)
            exchange.context?.audit?.answered(answer)
            // A child can't be given a noncopyable value, but it can take one out of here.
            let slot = Mutex<ResponseWriter?>(writer)
            let record = exchange.info?.isLongRunning == true ? exchange.context?.audit : nil
            let result = await DeadlineRace.run(until: deadline, clock: clock) { [self] () -> (any Error)? in
                do {
                    guard let writer = slot.withLock({ $0.take() }) else { return nil }
                    // Dropped by a throw, the writer of the body aborts the stream.
                    let body = try await writer.start(head)
                    if let record, let event = auditor?.started(record, code: answer.status.code) {
                        await auditor?.finish(event)
                    }
                    try await write(body)
                    try await body.finish()
                    return nil
                } catch {
                    return error
                }
            }
            exchange.broken = result ?? StatusError.timeout("the answer was not complete in time")
        }
    }

    private func refuse(_ refusal: StatusError, in exchange: inout Exchange) -> (
        HTTPTransport.HTTPResponseHead, ByteBuffer
    ) {
        let refusal = dialect?.refusal(refusal, of: exchange.info) ?? refusal
        exchange.refusal = refusal
        if let series = exchange.series, refusal.code == 429 || refusal.code == 504 {
            metrics.countTermination(series, code: UInt(refusal.code))
        }
        if let dialect {
            let answer = dialect.response(refusal, to: exchange.http.head)
            return (exchange.head(answer.status, answer.headers), ByteBuffer(bytes: answer.body))
        }
        let (status, headers, body) = ErrorBoundary.response(
            refusal, to: exchange.http.head, query: exchange.context?.query ?? QueryItems())
        return (exchange.head(status, headers), body)
    }

    /// Step 3, on the way out; returns the audit events to wait for.
    private func close(_ exchange: Exchange) -> [AuditEvent] {
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
}

extension ResponseWriter {
    fileprivate consuming func send(_ answer: (HTTPTransport.HTTPResponseHead, ByteBuffer)) {
        send(answer.0, body: answer.1)
    }
}
