/// What answers a request that may be answered: the end of the chain.
public protocol Endpoint: Sendable {
    /// Answers `request`. What it throws becomes a Status: a `StatusError` its own, anything else a 500 with fixed text.
    ///
    /// The task is cancelled when the client goes away and when the request's deadline passes; in the latter case the 504
    /// is sent without waiting for this function.
    func respond(to request: AuthorizedRequest) async throws -> APIResponse

    /// What ``respond(to:)`` would answer, without waiting; nil if it has to be waited for.
    ///
    /// Called on the event loop for every request, before ``respond(to:)``: it may look into memory, nothing else, and not for
    /// long.
    func respondAtOnce(to request: AuthorizedRequest) throws -> APIResponse?
}

extension Endpoint {
    /// Has to be waited for.
    public func respondAtOnce(to request: AuthorizedRequest) throws -> APIResponse? { nil }
}

/// An endpoint that never waits.
public protocol ImmediateEndpoint: Endpoint {
    /// The answer, as ``Endpoint/respond(to:)`` says.
    func answer(_ request: AuthorizedRequest) throws -> APIResponse
}

extension ImmediateEndpoint {
    /// Says it at once.
    public func respond(to request: AuthorizedRequest) async throws -> APIResponse { try answer(request) }

    /// Always an answer.
    public func respondAtOnce(to request: AuthorizedRequest) throws -> APIResponse? { try answer(request) }
}
