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
        let user: UserInfo
        do {
            user = try await authenticator.authenticate(request) ?? .anonymous
        } catch {
            throw StatusError.unauthorized().caused(by: error)
        }
        return AuthenticatedRequest(
            http: Self.withoutCredentials(request.http), user: user, context: request.context)
    }

    /// Handlers, logs and audit never see what a request was authenticated by (conformance 2.3).
    private static func withoutCredentials(_ http: HTTPRequest) -> HTTPRequest {
        guard http.head.headers.contains(name: "authorization") else { return http }
        var head = http.head
        head.headers.remove(name: "authorization")
        return HTTPRequest(head: head, body: http.body, connection: http.connection, receivedAt: http.receivedAt)
    }
}
