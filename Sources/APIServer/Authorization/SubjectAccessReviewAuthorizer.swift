internal import APIMachinery
public import KubeClient
public import Logging

/// Asks kube-apiserver whether somebody may do something (conformance 3.3): its RBAC, and whatever else authorizes there.
///
/// Answers are remembered, allowed ones and others for times of their own, so that a right that was taken away is gone within seconds.
/// The whole question is the key, see ``AccessKey``. A question that could not be answered is ``Decision/failed(_:)``, a 500, and not
/// remembered. Equal questions at the same time are put once: a thousand requests of a new user make one review.
public struct SubjectAccessReviewAuthorizer: Authorizer {
    /// What is remembered.
    public struct Configuration: Sendable {
        /// How long a permission is: `--authorization-webhook-cache-authorized-ttl`.
        public var authorizedTime: Duration = .seconds(10)
        /// How long a refusal is: `--authorization-webhook-cache-unauthorized-ttl`.
        public var unauthorizedTime: Duration = .seconds(10)
        /// How many of each kind.
        public var cacheLimit = 20_480
        /// A question of more bytes is not remembered: flooded with the longest, both caches hold 160 MB.
        public var keyLimit = 4096
        /// The defaults.
        public init() {}
    }

    /// Why kube-apiserver doesn't allow it.
    private enum Refusal: Error {
        case deny(String)
        case noOpinion(String)
    }
    private typealias Reviews = CachedReviews<AccessKey, String, Refusal>

    private let reviewer: any SubjectAccessReviewer
    private let keyLimit: Int
    /// A grant is its reason.
    private let reviews: Reviews
    private let logger: Logger

    /// - Parameters:
    ///   - reviewer: puts the questions; has a deadline and repeats what may be repeated.
    ///   - configuration: what is remembered.
    ///   - metrics: counts them.
    ///   - clock: measures how long an answer is good.
    ///   - logger: told why a question could not be answered.
    public init(
        _ reviewer: any SubjectAccessReviewer, _ configuration: Configuration = Configuration(),
        metrics: ReviewMetrics, clock: RequestClock = .system, logger: Logger
    ) {
        self.reviewer = reviewer
        self.logger = logger
        keyLimit = configuration.keyLimit
        reviews = Reviews(
            grantTime: configuration.authorizedTime, refusalTime: configuration.unauthorizedTime,
            limit: configuration.cacheLimit, metrics: metrics, clock: clock, logger: logger,
            complaint: "a request can't be authorized")
    }

    /// The verdict.
    public func authorize(_ attributes: Attributes) async -> Decision {
        let key = AccessKey(attributes)
        do {
            let answer = try await reviews.answer(
                to: key, isKept: key.bytes.count <= keyLimit, about: ["user": "\(attributes.user.name)"]
            ) { () async throws(KubeClientError) in
                reading(try await reviewer.review(AccessReviewSpec(attributes)))
            }
            return Self.decision(answer)
        } catch {
            return .failed(error)
        }
    }

    /// If it is remembered.
    public func decideAtOnce(_ attributes: Attributes) -> Decision? {
        reviews.remembered(AccessKey(attributes)).map(Self.decision)
    }

    private func reading(_ verdict: AccessReviewVerdict) -> Reviews.Answer {
        if !verdict.evaluationError.isEmpty {
            logger.debug("a review was made in spite of an error", metadata: ["error": "\(verdict.evaluationError)"])
        }
        // Both at once is no answer to rely on: not allowed.
        if verdict.denied { return .failure(.deny(verdict.reason)) }
        return verdict.allowed ? .success(verdict.reason) : .failure(.noOpinion(verdict.reason))
    }

    private static func decision(_ answer: Reviews.Answer) -> Decision {
        switch answer {
        case .success(let reason): .allow(reason: reason)
        case .failure(.deny(let reason)): .deny(reason: reason)
        case .failure(.noOpinion(let reason)): .noOpinion(reason: reason)
        }
    }
}
