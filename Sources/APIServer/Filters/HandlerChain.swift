internal import APIMachinery
public import HTTPTransport
public import Logging
internal import NIOCore

/// The way of every request, from the transport to its endpoint, in this order:
///
/// | # | step | what it does | who |
/// |---|---|---|---|
/// | 1 | error boundary | every error becomes one Status; nothing of its cause is sent | ``AnswerWriter`` |
/// | 2 | audit id | the client's, or a new one; sent back as `Audit-Id` | ``ExchangeTracker`` |
/// | 3 | metrics, log | counted when the answer ends; a line if it was slow or failed | ``ExchangeTracker`` |
/// | 4 | request info | target decoded once, ``RequestInfo``, parameters | ``ExchangeTracker`` |
/// | 5 | shutdown | 429 once the server sends new requests elsewhere; GOAWAY now and then, for balance | ``ExchangeTracker`` |
/// | 6 | deadline | 504 when it passes before the head; the stream is reset after | the chain |
/// | 7 | authentication | who it is, or 401; credentials are removed | ``RequestSteps`` |
/// | 8 | impersonation | as whom `Impersonate-…` headers ask to act, if that is allowed, or 403 | ``RequestSteps`` |
/// | 9 | audit | the first event; the last when the answer ends; ``Auditor`` | ``RequestSteps`` |
/// | 10 | in-flight limit | 429; after authentication, because `system:masters` is exempt | ``RequestSteps`` |
/// | 11 | authorization | 403, or 500 when it can't be decided | ``RequestSteps`` |
/// | 12 | endpoint | the answer | ``RequestSteps`` |
///
/// Steps 7 and 11 are made once for the requests of an HTTP/2 connection that carry the same header fields, as long as what they found
/// rests on files alone: it is found anew by the first request after one of them was read again, see ``Lasting``.
///
/// Kubernetes' servers catch a panic in a handler and answer 500. Swift can't: an arithmetic overflow, an index out of range
/// or a force-unwrapped nil in a handler **ends the process**. So code below this chain uses none of them on outside data,
/// parsers are fuzzed, and availability rests on replicas.
public final class HandlerChain: HTTPHandler {
    private let tracker: ExchangeTracker
    private let steps: RequestSteps
    private let answers: AnswerWriter
    private let clock: RequestClock

    /// A chain that ends in `endpoint`.
    public convenience init(
        configuration: HandlerChainConfiguration = HandlerChainConfiguration(), authenticator: any Authenticator,
        authorizer: any Authorizer, endpoint: any Endpoint, registry: MetricsRegistry, resources: KnownResources,
        logger: Logger, clock: RequestClock = .system, auditor: Auditor? = nil, gate: ShutdownGate? = nil
    ) {
        let metrics = RequestMetrics(registry: registry, resources: resources)
        let limits = InFlightLimits(
            readOnly: configuration.maxRequestsInFlight, mutating: configuration.maxMutatingRequestsInFlight)
        limits.tell(registry)
        self.init(
            ExchangeTracker(
                targets: TargetReader(metrics: metrics),
                deadlines: DeadlinePolicy(
                    requestTimeout: configuration.requestTimeout, mutatingTimeout: configuration.mutatingRequestTimeout),
                goAway: GoAwayChance(configuration.goAwayChance), gate: gate, limits: limits, metrics: metrics,
                log: RequestLog(
                    logger: logger, slowThreshold: TimeAmount(configuration.slowRequestThreshold),
                    tellsAll: configuration.logsEveryRequest),
                auditor: auditor, clock: clock),
            RequestSteps(
                authentication: AuthenticationStep(
                    authenticator: authenticator, impersonation: Impersonation(authorizer: authorizer),
                    metrics: AuthenticationMetrics(registry: registry, now: clock.now)),
                authorization: AuthorizationStep(
                    authorizer: authorizer, metrics: AuthorizationMetrics(registry: registry, now: clock.now)),
                endpoint: endpoint, dialect: nil, limits: limits, auditor: auditor, clock: clock),
            AnswerWriter(dialect: nil, metrics: metrics, auditor: auditor, clock: clock), clock)
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
        HandlerChain(
            tracker.speaking(dialect), steps.speaking(dialect, authorizer: authorizer, endpoint: endpoint),
            answers.speaking(dialect), clock)
    }

    private init(_ tracker: ExchangeTracker, _ steps: RequestSteps, _ answers: AnswerWriter, _ clock: RequestClock) {
        (self.tracker, self.steps, self.answers, self.clock) = (tracker, steps, answers, clock)
    }

    /// Takes the steps as far as they need no waiting: to the end for all that is in memory. The rest goes on in a task.
    public func begin(_ http: HTTPRequest) -> HTTPAnswer {
        var exchange = tracker.exchange(http)
        do {
            let context = try tracker.open(&exchange)
            let reached = try steps.advance(UnauthenticatedRequest(http: http, context: context))
            if case .answered(let response) = reached, case .bytes(let body) = response.body {
                // First: it notes the code, which `end` counts.
                let head = answers.head(of: response, body, &exchange)
                return end(exchange, with: head, body)
            }
            return .later { [self, exchange] writer in await finish(exchange, context, reached, writer) }
        } catch {
            let (head, body) = answers.refuse(error, &exchange)
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

    private func end(
        _ exchange: Exchange, with head: HTTPTransport.HTTPResponseHead, _ body: ByteBuffer
    ) -> HTTPAnswer {
        let events = tracker.close(exchange)
        if events.isEmpty { return .whole(head, body: body) }
        return .later { [tracker] writer in
            writer.send(head, body: body)
            await tracker.record(events)
        }
    }

    /// The steps that are left, against the deadline.
    private func finish(
        _ exchange: Exchange, _ context: RequestContext, _ stage: RequestSteps.Stage,
        _ writer: consuming ResponseWriter
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
                        writer.take()?.send(answers.refuse(error, &exchange))
                    },
                    { [steps] in await steps.complete(stage) })
                response = try result?.get()
            }
            // The writer is taken last: dropped by a throw, it would answer for itself.
            if let response, let writer = writer.take() {
                await answers.write(response, writer, until: context.deadline, &exchange)
            }
        } catch {
            writer.take()?.send(answers.refuse(error, &exchange))
        }
        await tracker.record(tracker.close(exchange))
    }
}

extension ResponseWriter {
    fileprivate consuming func send(_ answer: (HTTPTransport.HTTPResponseHead, ByteBuffer)) {
        send(answer.0, body: answer.1)
    }
}
