public import APIMachinery
public import HTTPTransport
public import NIOCore

/// A request that may be answered: its sender is known and was allowed to do it. What an ``Endpoint`` takes.
///
/// Only ``AuthorizationStep`` makes one, so no endpoint can be reached without authentication and authorization.
public struct AuthorizedRequest: Sendable {
    /// The request, its credentials removed.
    public let http: HTTPRequest
    /// Who sent it.
    public let user: UserInfo
    let context: RequestContext

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
        http = request.http
        user = request.user
        context = request.context
    }
}

/// The step from ``AuthenticatedRequest`` to ``AuthorizedRequest``.
struct AuthorizationStep: Sendable {
    let authorizer: any Authorizer

    /// Throws a 403 of Kubernetes' words when it isn't allowed, a 500 when that couldn't be decided (fail closed).
    func authorize(_ request: AuthenticatedRequest) async throws -> AuthorizedRequest {
        let attributes = Attributes(user: request.user, info: request.info)
        return try Self.authorized(request, attributes, by: await authorizer.authorize(attributes))
    }

    /// The same without waiting; nil if the verdict has to be waited for.
    func authorizeAtOnce(_ request: AuthenticatedRequest) throws -> AuthorizedRequest? {
        let attributes = Attributes(user: request.user, info: request.info)
        guard let decision = authorizer.decideAtOnce(attributes) else { return nil }
        return try Self.authorized(request, attributes, by: decision)
    }

    private static func authorized(
        _ request: AuthenticatedRequest, _ attributes: Attributes, by decision: Decision
    ) throws -> AuthorizedRequest {
        request.context.audit?.decided(decision)
        if let refusal = Forbidden.refusal(decision, attributes) { throw refusal }
        return AuthorizedRequest(request)
    }
}
