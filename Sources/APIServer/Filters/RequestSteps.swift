internal import APIMachinery
internal import HTTPTransport
internal import NIOCore

/// Steps 7 to 12 of ``HandlerChain``: from a request that nobody vouches for to its answer.
///
/// Each step is written twice where it may have to wait: ``advance(_:)`` goes as far as memory reaches, on the event loop and without a
/// task; ``complete(_:)`` waits for what is left.
struct RequestSteps: Sendable {
    /// How far a request has come.
    enum Stage: Sendable {
        case received(UnauthenticatedRequest)
        case authenticated(AuthenticatedRequest)
        /// Recorded, and among those in flight.
        case admitted(AuthenticatedRequest)
        case authorized(AuthorizedRequest)
        /// Nothing but the writing is left.
        case answered(APIResponse)
    }

    let authentication: AuthenticationStep
    private(set) var authorization: AuthorizationStep
    private(set) var endpoint: any Endpoint
    /// Nil where requests are Kubernetes' own.
    private(set) var dialect: (any RequestDialect)?
    let limits: InFlightLimits
    let auditor: Auditor?
    let clock: RequestClock

    /// The same for requests of another API.
    func speaking(
        _ dialect: any RequestDialect, authorizer: any Authorizer, endpoint: any Endpoint
    ) -> RequestSteps {
        var steps = self
        steps.authorization = authorization.asking(authorizer)
        steps.endpoint = endpoint
        steps.dialect = dialect
        return steps
    }

    /// Goes on until a step has to wait.
    func advance(_ request: UnauthenticatedRequest) throws -> Stage {
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
    func complete(_ stage: Stage) async -> Result<APIResponse, any Error> {
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
}
