/// Asks whether a user may do something.
public protocol SubjectAccessReviewer: Sendable {
    /// One question, without a cache.
    ///
    /// - Throws: `.unreachable`, `.timedOut`, `.refused`, `.badAnswer`, `.cancelled`. A denial is no error, but a verdict.
    func review(_ spec: AccessReviewSpec) async throws(KubeClientError) -> AccessReviewVerdict
}

/// What a SubjectAccessReview says (authorization.k8s.io/v1, `status`).
public struct AccessReviewVerdict: Sendable, Hashable {
    /// Some authorizer allows it.
    public var allowed: Bool
    /// Some authorizer forbids it, whatever others say.
    public var denied: Bool
    /// Why; may be empty.
    public var reason: String
    /// What went wrong while it was decided; the verdict holds nevertheless. May be empty.
    public var evaluationError: String

    /// A verdict of its parts.
    public init(allowed: Bool, denied: Bool = false, reason: String = "", evaluationError: String = "") {
        self.allowed = allowed
        self.denied = denied
        self.reason = reason
        self.evaluationError = evaluationError
    }
}
