public import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// Records requests as a policy says (conformance 11.3): the audit step of ``HandlerChain``.
public final class Auditor: Sendable {
    private let policy: @Sendable () -> AuditPolicy
    private let log: AuditLog
    private let now: @Sendable () -> Timestamp
    private let metrics: AuditMetrics

    /// An auditor that gives the events to `log`.
    ///
    /// - Parameters:
    ///   - policy: asked for at every request, so that a changed file takes effect.
    ///   - now: the time of day.
    public init(
        policy: @escaping @Sendable () -> AuditPolicy, log: AuditLog, metrics: AuditMetrics,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.policy = policy
        self.log = log
        self.metrics = metrics
        self.now = now
    }

    /// Whether requests wait for their events (every mode but `batch`).
    var waits: Bool { log.waits }

    /// The sender of a request is known.
    ///
    /// - Returns: an event that must be stored before the request goes on; only where ``waits``.
    func received(_ request: AuthenticatedRequest, waited: TimeAmount) -> AuditEvent? {
        let context = request.context
        guard
            let record = begin(
                request.http, request.info, request.impersonator ?? request.user,
                as: request.impersonator == nil ? nil : request.user, context.auditID, waited)
        else { return nil }
        context.begins(record)
        return give(record, .requestReceived)
    }

    /// Stores the first event of a request.
    ///
    /// - Throws: 500 if it can't be and the mode is `blocking-strict`.
    func store(_ event: AuditEvent) async throws {
        if await log.process(event) || !log.isStrict { return }
        metrics.rejected.increment()
        throw StatusError.internalError("failed to store audit event")
    }

    /// The head of an answer without an end was sent; the event to wait for, if any.
    func started(_ record: AuditRecord, code: UInt) -> AuditEvent? {
        record.answered(.code(code), nil)
        return record.start() ? give(record, .responseStarted) : nil
    }

    /// The answer has ended; the events to wait for, if any.
    func ended(_ exchange: Exchange, waited: TimeAmount) -> [AuditEvent] {
        guard let record = exchange.context?.audit else { return refused(exchange, waited: waited) }
        if let refusal = exchange.refusal {
            record.answered(refusal.status, AuditBody(refusal.status.encoded, contentType: nil))
        } else if exchange.code == 0 {
            record.answered(Status(outcome: .success, message: "Connection closed early", code: 200), nil)
        }
        var events: [AuditEvent?] = []
        if exchange.info?.isLongRunning ?? false, record.start() { events.append(give(record, .responseStarted)) }
        if let error = exchange.broken, !(error is TransportError), !(error is CancellationError) {
            let message = "the answer was broken off by an error of the server"
            record.answered(Status(message: message, reason: .internalError, code: 500), nil)
            events.append(give(record, .panic))
        } else {
            events.append(give(record, .responseComplete))
        }
        return events.compactMap { $0 }
    }

    /// A request that never came to have a sender: one event, as k8s.io/apiserver's `WithFailedAuthenticationAudit`.
    private func refused(_ exchange: Exchange, waited: TimeAmount) -> [AuditEvent] {
        guard let refusal = exchange.refusal, let context = exchange.context, context.user == nil,
            let record = begin(exchange.http, context.info, nil, exchange.auditID, waited)
        else { return [] }
        var status = refusal.status
        if status.code == 401 { status = Status(message: Credentials.attempted(exchange.http), code: 401) }
        record.answered(status, AuditBody(refusal.status.encoded, contentType: nil))
        return [give(record, .responseStarted)].compactMap { $0 }
    }

    /// Gives the event of a stage to the log; returns it where the request has to wait for it.
    private func give(_ record: AuditRecord, _ stage: AuditStage) -> AuditEvent? {
        guard let event = record.event(stage, at: now()) else { return nil }
        if log.waits { return event }
        log.take(event)
        return nil
    }

    /// Waits until an event is written or lost.
    func finish(_ event: AuditEvent) async { _ = await log.process(event) }

    private func begin(
        _ http: HTTPRequest, _ info: RequestInfo, _ user: UserInfo?, as impersonated: UserInfo? = nil,
        _ auditID: String, _ waited: TimeAmount
    ) -> AuditRecord? {
        let verdict = policy().verdict(on: info, by: user)
        metrics.levels.with(verdict.level.rawValue).increment()
        guard verdict.level > .none else { return nil }
        let headers = http.head.headers
        let facts = AuditFacts(
            level: verdict.level, auditID: auditID, requestURI: RequestURI.shown(http.head.target), verb: info.verb,
            user: user, impersonatedUser: impersonated,
            sourceIPs: SourceAddresses.of(headers, peer: http.connection.remoteAddress),
            userAgent: UserAgent.shown(headers.first(name: "user-agent") ?? ""), object: .init(info),
            receivedAt: now().adding(.nanoseconds(-waited.nanoseconds)))
        return AuditRecord(facts, verdict, bodyLimit: log.eventLimit)
    }
}

extension AuditFacts.ObjectReference {
    /// Nil if the request is about no resource.
    init?(_ info: RequestInfo) {
        guard info.isResourceRequest else { return nil }
        self.init(
            resource: info.resource, namespace: info.namespace, name: info.name, group: info.group,
            version: info.version, subresource: info.subresource)
    }
}

extension Status {
    fileprivate static func code(_ code: UInt) -> Status { Status(outcome: .success, code: Int(clamping: code)) }
}

/// By what kinds of credentials a request tried to prove its sender; their values never leave here.
enum Credentials {
    static func attempted(_ http: HTTPRequest) -> String {
        var kinds: [String] = []
        let words = (http.head.headers.first(name: "authorization") ?? "").split(separator: " ", maxSplits: 1)
        switch words.first?.lowercased() {
        case "basic" where words.count == 2: kinds.append("basic")
        case "bearer" where words.count == 2: kinds.append("bearer")
        default: break
        }
        if http.head.target.contains("access_token=") { kinds.append("access_token") }
        if http.connection.tls?.certificates.isEmpty == false { kinds.append("x509") }
        guard !kinds.isEmpty else { return "Authentication failed, no credentials provided" }
        return "Authentication failed, attempted: \(kinds.joined(separator: ", "))"
    }
}
