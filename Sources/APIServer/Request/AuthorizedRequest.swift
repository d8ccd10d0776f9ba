public import APIMachinery
public import HTTPTransport
public import NIOCore

/// A request that may be answered: its sender is known and was allowed to do it. What an ``Endpoint`` takes.
///
/// Only ``AuthorizationStep`` makes one, so no endpoint can be reached without authentication and authorization.
public struct AuthorizedRequest: Sendable {
    private let request: AuthenticatedRequest

    /// The request, its credentials removed.
    public var http: HTTPRequest { request.http }
    /// Who sent it.
    public var user: UserInfo { request.user }
    var context: RequestContext { request.context }

    /// What it is about: the same that was authorized. Route by this, never by the target.
    public var info: RequestInfo { context.info }
    /// The parameters.
    public var query: QueryItems { context.query }
    /// Names this request in logs, audit and the `Audit-Id` header.
    public var auditID: String { context.auditID }
    /// When the answer must have begun, and, unless long-running, ended; `distantFuture` if long-running.
    public var deadline: NIODeadline { context.deadline }
    /// Warnings for the client.
    public var warnings: WarningCollector { context.warnings }

    fileprivate init(_ request: AuthenticatedRequest) {
        self.request = request
    }
}

/// The step from ``AuthenticatedRequest`` to ``AuthorizedRequest``.
final class AuthorizationStep: Sendable {
    private let authorizer: any Authorizer
    private let metrics: AuthorizationMetrics

    init(authorizer: any Authorizer, metrics: AuthorizationMetrics) {
        self.authorizer = authorizer
        self.metrics = metrics
    }

    /// The same step with the verdicts of another authorizer, counted together.
    func asking(_ authorizer: any Authorizer) -> AuthorizationStep {
        AuthorizationStep(authorizer: authorizer, metrics: metrics)
    }

    /// Throws a 403 of Kubernetes' words when it isn't allowed, a 500 when that couldn't be decided (fail closed).
    func authorize(_ request: AuthenticatedRequest) async throws -> AuthorizedRequest {
        let attributes = Attributes(user: request.user, info: request.info)
        let start = metrics.now()
        let decision = await authorizer.authorize(attributes)
        metrics.decided(decision, since: start)
        request.context.audit?.decided(decision)
        if let refusal = Forbidden.refusal(decision, attributes) { throw refusal }
        return AuthorizedRequest(request)
    }

    /// The same without waiting; nil if the verdict has to be waited for.
    ///
    /// What a sender that is known for good may do with a target that comes again is asked once, if it lasts: see ``Sender``.
    func authorizeAtOnce(_ request: AuthenticatedRequest) throws -> AuthorizedRequest? {
        let (sender, target) = (request.sender, request.context.target)
        let comesAgain = sender.isKept && target.comesAgain
        if comesAgain, let decision = sender.verdict(on: target, by: self) {
            metrics.knew()
            request.context.audit?.decided(decision)
            return AuthorizedRequest(request)
        }
        let attributes = Attributes(user: sender.user, info: target.info)
        let start = metrics.now()
        guard let decision = authorizer.decideAtOnce(attributes) else { return nil }
        metrics.decided(decision, since: start)
        request.context.audit?.decided(decision)
        if let refusal = Forbidden.refusal(decision, attributes) { throw refusal }
        if comesAgain, let finding = authorizer.lasting(attributes), finding.value.isAllowed {
            sender.keep(finding, on: target, by: self)
        }
        return AuthorizedRequest(request)
    }
}
