internal import APIMachinery
public import HTTPTransport
internal import NIOHTTP1

/// A request whose sender is known, without its credentials. Only ``AuthenticationStep`` makes one.
public struct AuthenticatedRequest: Sendable {
    /// The request, its credentials removed.
    public let http: HTTPRequest
    /// Who sent it.
    public let user: UserInfo
    let context: RequestContext

    /// What it is about.
    public var info: RequestInfo { context.info }

    fileprivate init(http: HTTPRequest, user: UserInfo, context: RequestContext) {
        self.http = http
        self.user = user
        self.context = context
    }
}

/// The step from ``UnauthenticatedRequest`` to ``AuthenticatedRequest``.
struct AuthenticationStep: Sendable {
    let authenticator: any Authenticator

    /// Throws a 401 for whatever the authenticator throws; a request nobody accepted and nobody refused is
    /// `system:anonymous`.
    func authenticate(_ request: UnauthenticatedRequest) async throws -> AuthenticatedRequest {
        let user: UserInfo?
        do {
            user = try await authenticator.authenticate(request)
        } catch {
            throw StatusError.unauthorized().caused(by: error)
        }
        return authenticated(request, user)
    }

    /// The same without waiting; nil if the answer has to be waited for.
    func authenticateAtOnce(_ request: UnauthenticatedRequest) -> Result<AuthenticatedRequest, any Error>? {
        switch authenticator.authenticateAtOnce(request) {
        case nil: nil
        case .success(let user): .success(authenticated(request, user))
        case .failure(let error): .failure(StatusError.unauthorized().caused(by: error))
        }
    }

    private func authenticated(_ request: UnauthenticatedRequest, _ user: UserInfo?) -> AuthenticatedRequest {
        AuthenticatedRequest(
            http: withoutCredentials(request.http), user: user ?? .anonymous, context: request.context)
    }

    /// Handlers, logs and audit never see what a request was authenticated by, nor what somebody only claims to be
    /// (conformance 2.3).
    private func withoutCredentials(_ http: HTTPRequest) -> HTTPRequest {
        var headers = IdentityHeaders.usual.removed(from: http.head.headers)
        if let others = authenticator.identityHeaders {
            headers = others.removed(from: headers ?? http.head.headers) ?? headers
        }
        guard let headers else { return http }
        var head = http.head
        head.headers = headers
        return HTTPRequest(head: head, body: http.body, connection: http.connection, receivedAt: http.receivedAt)
    }
}
