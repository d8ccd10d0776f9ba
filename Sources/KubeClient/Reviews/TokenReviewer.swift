public import APIMachinery

/// Asks who a bearer token belongs to.
public protocol TokenReviewer: Sendable {
    /// One question, without a cache.
    ///
    /// - Parameters:
    ///   - token: as the client sent it, without `Bearer `.
    ///   - audiences: whom the token must be meant for; empty is kube-apiserver's own audience.
    /// - Throws: `.unreachable`, `.timedOut`, `.refused`, `.badAnswer`, `.cancelled`. A token that is not valid is no error, but
    ///   a verdict.
    func review(token: String, audiences: [String]) async throws(KubeClientError) -> TokenReviewVerdict
}

/// What a TokenReview says (authentication.k8s.io/v1, `status`).
public enum TokenReviewVerdict: Sendable, Hashable {
    /// The token is this user's, whose name is not empty, and meant for these audiences (those asked for that the token has; empty where none were asked for and
    /// none were named).
    case authenticated(UserInfo, audiences: [String])
    /// It is nobody's. The text is the authenticator's, may be empty, and is for logs.
    case notAuthenticated(error: String)
}
