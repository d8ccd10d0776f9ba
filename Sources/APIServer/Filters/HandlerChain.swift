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
/// | 5 | deadline | 504 when it passes before the head; the stream is reset after |
/// | 6 | impersonation | `Impersonate-…` headers are refused: 403 |
/// | 7 | authentication | who it is, or 401; credentials are removed |
/// | 8 | in-flight limit | 429; after authentication, because `system:masters` is exempt |
/// | 9 | audit | (the next issue puts it here: the user is known, the verdict is part of the event) |
/// | 10 | authorization | 403, or 500 when it can't be decided |
/// | 11 | endpoint | the answer |
///
/// Kubernetes' servers catch a panic in a handler and answer 500. Swift can't: an arithmetic overflow, an index out of range
/// or a force-unwrapped nil in a handler **ends the process**. So code below this chain uses none of them on outside data,
/// parsers are fuzzed, and availability rests on replicas.
public struct HandlerChain: HTTPHandler {
    private let deadlines: DeadlinePolicy
    private let limits: InFlightLimits
    private let authentication: AuthenticationStep
    private let authorization: AuthorizationStep
    private let endpoint: any Endpoint
    private let metrics: RequestMetrics
    private let log: RequestLog
    private let clock: RequestClock
    private let auditIDs = AuditIDs()

    /// A chain that ends in `endpoint`.
    public init(
        configuration: HandlerChainConfiguration = HandlerChainConfiguration(), authenticator: any Authenticator,
        authorizer: any Authorizer, endpoint: any Endpoint, registry: MetricsRegistry, resources: KnownResources,
        logger: Logger, clock: RequestClock = .system
    ) {
        deadlines = DeadlinePolicy(
            requestTimeout: configuration.requestTimeout, mutatingTimeout: configuration.mutatingRequestTimeout)
        limits = InFlightLimits(
            readOnly: configuration.maxRequestsInFlight, mutating: configuration.maxMutatingRequestsInFlight)
        authentication = AuthenticationStep(authenticator: authenticator)
        authorization = AuthorizationStep(authorizer: CountingAuthorizer(authorizer, registry: registry))
        self.endpoint = endpoint
        metrics = RequestMetrics(registry: registry, resources: resources)
        log = RequestLog(logger: logger, slowThreshold: TimeAmount(configuration.slowRequestThreshold))
        self.clock = clock
        let inFlight = registry.gauges(
            "apiserver_current_inflight_requests", "The most requests in flight since the last scrape.",
            labels: ["request_kind"])
        registry.beforeExposition { [limits] in
            for kind in InFlightLimits.Kind.allCases {
                inFlight.with(kind.rawValue).set(Double(limits.takeHighWatermark(kind)))
            }
        }
    }

    /// Answers a request.
    public func handle(_ http: HTTPRequest, _ response: consuming ResponseWriter) async {
        var exchange = Exchange(http: http, auditID: auditIDs.id(for: http.head.headers))
        var writer: ResponseWriter? = consume response
        do {
            let context = try open(&exchange)
            exchange.series?.longRunning?.add(1)
            let result = await DeadlineRace.run(
                until: context.deadline, clock: clock,
                onTimeout: {
                    let error = StatusError.timeout("request did not complete within the allotted timeout")
                    writer.take()?.send(refuse(error, in: &exchange))
                },
                { [progress = exchange.progress] in await work(http, context, progress) })
            // The writer is taken last: dropped by a throw, it would answer for itself.
            if let response = try result?.get(), let writer = writer.take() {
                await answer(response, writer, context.deadline, &exchange)
            }
        } catch {
            writer.take()?.send(refuse(ErrorBoundary.refusal(error), in: &exchange))
        }
        close(exchange)
    }

    /// Steps 4 and 5, on the way in.
    private func open(_ exchange: inout Exchange) throws -> RequestContext {
        let http = exchange.http
        let target = try RequestTarget(http.head.target)
        let query = target.query.map { QueryItems(parsing: $0) } ?? QueryItems()
        let info = try RequestInfo(method: http.head.method, target: target, query: query)
        let dryRun = info.isMutating && query["dryRun"] == "All"
        exchange.info = info
        exchange.query = query
        exchange.series = metrics.series(for: info, method: http.head.method, dryRun: dryRun)
        let deadline = try deadlines.deadline(of: info, query: query, from: http.receivedAt)
        let context = RequestContext(info: info, query: query, auditID: exchange.auditID, deadline: deadline)
        exchange.warnings = context.warnings
        return context
    }

    /// Steps 6 to 11.
    private func work(
        _ http: HTTPRequest, _ context: RequestContext, _ progress: RequestProgress
    ) async -> Result<APIResponse, any Error> {
        do {
            let request = UnauthenticatedRequest(http: http, context: context)
            try Impersonation.refuse(http.head.headers)
            let authenticated = try await authentication.authenticate(request)
            progress.authenticated(authenticated.user)
            if let kind = InFlightLimits.kind(of: context.info, user: authenticated.user) {
                guard limits.enter(kind) else { throw StatusError.tooManyRequests() }
                progress.took(kind)
            }
            let authorized = try await authorization.authorize(authenticated)
            return .success(try await endpoint.respond(to: authorized))
        } catch {
            return .failure(error)
        }
    }

    private func answer(
        _ answer: APIResponse, _ writer: consuming ResponseWriter, _ deadline: NIODeadline, _ exchange: inout Exchange
    ) async {
        let head = exchange.head(answer.status, answer.headers)
        switch answer.body {
        case .bytes(let buffer):
            exchange.series?.sizes.observe(Double(buffer.readableBytes))
            writer.send(head, body: buffer)
        case .stream(let write):
            // A child can't be given a noncopyable value, but it can take one out of here.
            let slot = Mutex<ResponseWriter?>(writer)
            let result = await DeadlineRace.run(until: deadline, clock: clock) { () -> (any Error)? in
                do {
                    guard let writer = slot.withLock({ $0.take() }) else { return nil }
                    // Dropped by a throw, the writer of the body aborts the stream.
                    let body = try await writer.start(head)
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
        exchange.refusal = refusal
        if let series = exchange.series, refusal.code == 429 || refusal.code == 504 {
            metrics.countTermination(series, code: UInt(refusal.code))
        }
        let (status, headers, body) = ErrorBoundary.response(
            refusal, to: exchange.http.head, query: exchange.query)
        return (exchange.head(status, headers), body)
    }

    /// Step 3, on the way out.
    private func close(_ exchange: Exchange) {
        if let place = exchange.progress.takePlace() { limits.leave(place) }
        let latency = clock.now() - exchange.http.receivedAt
        if let series = exchange.series {
            let seconds = Double(latency.nanoseconds) / 1e9
            series.longRunning?.add(-1)
            series.duration.observe(seconds)
            series.serviceLevel?.observe(seconds)
            series.count(code: exchange.code)
            if exchange.broken != nil { metrics.countAbort(series) }
        }
        log.finished(exchange, latency: latency)
    }
}

extension ResponseWriter {
    fileprivate consuming func send(_ answer: (HTTPTransport.HTTPResponseHead, ByteBuffer)) {
        send(answer.0, body: answer.1)
    }
}
