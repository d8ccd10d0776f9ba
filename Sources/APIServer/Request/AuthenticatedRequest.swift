internal import APIMachinery
public import HTTPTransport
internal import NIOHTTP1

/// A request whose sender is known, without its credentials. Only ``AuthenticationStep`` makes one.
public struct AuthenticatedRequest: Sendable {
    /// The request, its credentials removed.
    public let http: HTTPRequest
    /// Who sent it, or as whom its sender acts.
    public let user: UserInfo
    /// Who sent it, where that is another than ``user``.
    public let impersonator: UserInfo?
    let context: RequestContext

    /// What it is about.
    public var info: RequestInfo { context.info }

    fileprivate init(http: HTTPRequest, user: UserInfo, impersonator: UserInfo? = nil, context: RequestContext) {
        self.http = http
        self.user = user
        self.impersonator = impersonator
        self.context = context
    }

    /// The same request as that of another user, whom its sender may impersonate.
    func acting(as user: UserInfo, headers: HTTPHeaders) -> AuthenticatedRequest {
        var head = http.head
        head.headers = headers
        let changed = HTTPRequest(
            head: head, body: http.body, connection: http.connection, receivedAt: http.receivedAt)
        return AuthenticatedRequest(http: changed, user: user, impersonator: self.user, context: context)
    }
}

/// The step from ``UnauthenticatedRequest`` to ``AuthenticatedRequest``.
struct AuthenticationStep: Sendable {
    let authenticator: any Authenticator
    let impersonation: Impersonation

    /// Without an impersonation nobody may act as anybody else.
    init(
        authenticator: any Authenticator, impersonation: Impersonation = Impersonation(authorizer: UnionAuthorizer([]))
    ) {
        self.authenticator = authenticator
        self.impersonation = impersonation
    }

    /// Throws a 401 for whatever the authenticator throws; a request nobody accepted and nobody refused is
    /// `system:anonymous`. One that asks to be somebody else's is, or is refused, see ``Impersonation``.
    func authenticate(_ request: UnauthenticatedRequest) async throws -> AuthenticatedRequest {
        let user: UserInfo?
        do {
            user = try await authenticator.authenticate(request)
        } catch {
            throw StatusError.unauthorized().caused(by: error)
        }
        return try await impersonation.apply(to: authenticated(request, user))
    }

    /// The same without waiting; nil if the answer has to be waited for.
    func authenticateAtOnce(_ request: UnauthenticatedRequest) throws -> AuthenticatedRequest? {
        if request.http.facts.asksToImpersonate { return nil }
        switch authenticator.authenticateAtOnce(request) {
        case nil: return nil
        case .success(let user): return authenticated(request, user)
        case .failure(let error): throw StatusError.unauthorized().caused(by: error)
        }
    }

    private func authenticated(_ request: UnauthenticatedRequest, _ user: UserInfo?) -> AuthenticatedRequest {
        AuthenticatedRequest(
            http: withoutCredentials(request.http), user: user ?? .anonymous, context: request.context)
    }

    /// Handlers, logs and audit never see what a request was authenticated by, nor what somebody only claims to be
    /// (conformance 2.3).
    private func withoutCredentials(_ http: HTTPRequest) -> HTTPRequest {
        var fields = http.facts.withoutCredentials
        if let headers = authenticator.identityHeaders?.removed(from: fields.headers) {
            fields = RequestFields(headers)
        }
        var head = http.head
        head.headers = fields.headers
        return HTTPRequest(
            head: head, fields: fields, body: http.body, connection: http.connection, receivedAt: http.receivedAt)
    }
}
