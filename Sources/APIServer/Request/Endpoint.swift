/// What answers a request that may be answered: the end of the chain.
public protocol Endpoint: Sendable {
    /// Answers `request`. What it throws becomes a Status: a `StatusError` its own, anything else a 500 with fixed text.
    ///
    /// The task is cancelled when the client goes away and when the request's deadline passes; in the latter case the 504
    /// is sent without waiting for this function.
    func respond(to request: AuthorizedRequest) async throws -> APIResponse
}
