public import APIMachinery
public import HTTPTransport
internal import NIOHTTP1

/// A request whose sender is known, without its credentials. Only ``AuthenticationStep`` makes one.
public struct AuthenticatedRequest: Sendable {
    /// As it came, unless ``remover`` is nil.
    private let received: HTTPRequest
    /// Who takes its credentials out; nil if there are none.
    private let remover: AuthenticationStep?
    let sender: Sender
    /// Who sent it, where that is another than ``user``.
    public let impersonator: UserInfo?
    let context: RequestContext

    /// The request, its credentials removed.
    public var http: HTTPRequest {
        guard let remover else { return received }
        return context.handed { remover.withoutCredentials(received) }
    }
    /// Who sent it, or as whom its sender acts.
    public var user: UserInfo { sender.user }
    /// What it is about.
    public var info: RequestInfo { context.info }

    fileprivate init(
        _ received: HTTPRequest, remover: AuthenticationStep?, sender: Sender, impersonator: UserInfo? = nil,
        context: RequestContext
    ) {
        self.received = received
        self.remover = remover
        self.sender = sender
        self.impersonator = impersonator
        self.context = context
    }

    /// The same request as that of another user, whom its sender may impersonate.
    func acting(as user: UserInfo, headers: HTTPHeaders) -> AuthenticatedRequest {
        let http = http
        var head = http.head
        head.headers = headers
        let changed = HTTPRequest(
            head: head, body: http.body, connection: http.connection, receivedAt: http.receivedAt)
        return AuthenticatedRequest(
            changed, remover: nil, sender: Sender(user), impersonator: self.user, context: context)
    }
}

/// The step from ``UnauthenticatedRequest`` to ``AuthenticatedRequest``.
final class AuthenticationStep: Sendable {
    private let authenticator: any Authenticator
    private let impersonation: Impersonation
    private let metrics: AuthenticationMetrics

    /// Without an impersonation nobody may act as anybody else.
    init(
        authenticator: any Authenticator, impersonation: Impersonation = Impersonation(authorizer: UnionAuthorizer([])),
        metrics: AuthenticationMetrics
    ) {
        self.authenticator = authenticator
        self.impersonation = impersonation
        self.metrics = metrics
    }

    /// Throws a 401 for whatever the authenticator throws; a request nobody accepted and nobody refused is
    /// `system:anonymous`. One that asks to be somebody else's is, or is refused, see ``Impersonation``.
    func authenticate(_ request: UnauthenticatedRequest) async throws -> AuthenticatedRequest {
        let start = metrics.now()
        let user: UserInfo?
        do {
            user = try await authenticator.authenticate(request)
        } catch {
            metrics.refused(since: start)
            throw StatusError.unauthorized().caused(by: error)
        }
        metrics.found(user, since: start)
        return try await impersonation.apply(to: authenticated(request, user))
    }

    /// The same without waiting; nil if the answer has to be waited for.
    ///
    /// Whose requests with the same fields on the same connection are is found once, if it lasts: see ``SenderMemo``.
    func authenticateAtOnce(_ request: UnauthenticatedRequest) throws -> AuthenticatedRequest? {
        let facts = request.http.facts
        if facts.asksToImpersonate { return nil }
        if let sender = facts.sender.sender(on: request.http.connection, by: self) {
            metrics.knew(sender.counter)
            return AuthenticatedRequest(request.http, remover: self, sender: sender, context: request.context)
        }
        let start = metrics.now()
        switch authenticator.authenticateAtOnce(request) {
        case nil: return nil
        case .success(let user):
            metrics.found(user, since: start)
            facts.sender.keep(on: request.http.connection, by: self) { lasting(request) }
            return authenticated(request, user)
        case .failure(let error):
            metrics.refused(since: start)
            throw StatusError.unauthorized().caused(by: error)
        }
    }

    private func lasting(_ request: UnauthenticatedRequest) -> Lasting<Sender>? {
        authenticator.lasting(request).map { finding in
            let counter = finding.value.map { metrics.counter(of: $0) }
            return Lasting(
                Sender(finding.value ?? .anonymous, isKept: true, counter: counter), on: finding.grounds)
        }
    }

    private func authenticated(_ request: UnauthenticatedRequest, _ user: UserInfo?) -> AuthenticatedRequest {
        AuthenticatedRequest(
            request.http, remover: self, sender: Sender(user ?? .anonymous), context: request.context)
    }

    /// Handlers, logs and audit never see what a request was authenticated by, nor what somebody only claims to be
    /// (conformance 2.3).
    fileprivate func withoutCredentials(_ http: HTTPRequest) -> HTTPRequest {
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
