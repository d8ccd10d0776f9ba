public import KubeClient
public import Logging
internal import NIOCore

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

    /// What kube-apiserver says.
    private enum Verdict: Sendable {
        case allow(String)
        case deny(String)
        case noOpinion(String)

        init(_ verdict: AccessReviewVerdict) {
            // Both at once is no answer to rely on: not allowed.
            self =
                verdict.denied
                ? .deny(verdict.reason) : verdict.allowed ? .allow(verdict.reason) : .noOpinion(verdict.reason)
        }

        var decision: Decision {
            switch self {
            case .allow(let reason): .allow(reason: reason)
            case .deny(let reason): .deny(reason: reason)
            case .noOpinion(let reason): .noOpinion(reason: reason)
            }
        }
    }

    private let reviewer: any SubjectAccessReviewer
    private let configuration: Configuration
    private let metrics: ReviewMetrics
    private let clock: RequestClock
    private let logger: Logger
    private let permissions: ReviewCache<AccessKey, Verdict>
    private let refusals: ReviewCache<AccessKey, Verdict>
    private let calls = CoalescedCalls<AccessKey, Verdict>()

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
        self.configuration = configuration
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        permissions = ReviewCache(limit: configuration.cacheLimit)
        refusals = ReviewCache(limit: configuration.cacheLimit)
    }

    /// The verdict.
    public func authorize(_ attributes: Attributes) async -> Decision {
        let key = AccessKey(attributes)
        if let known = remembered(key) { return known.decision }
        do {
            let verdict = try await calls.value(of: key) {
                // It may have been answered since.
                if let known = remembered(key) { return known }
                return try await ask(AccessReviewSpec(attributes), key)
            }
            return verdict.decision
        } catch {
            return .failed(error)
        }
    }

    /// If it is remembered.
    public func decideAtOnce(_ attributes: Attributes) -> Decision? {
        remembered(AccessKey(attributes))?.decision
    }

    private func remembered(_ key: AccessKey) -> Verdict? {
        let now = clock.now()
        return permissions.value(of: key, at: now) ?? refusals.value(of: key, at: now)
    }

    private func ask(_ spec: AccessReviewSpec, _ key: AccessKey) async throws(KubeClientError) -> Verdict {
        let answer: AccessReviewVerdict
        do throws(KubeClientError) {
            answer = try await metrics.measure { () async throws(KubeClientError) in
                try await reviewer.review(spec)
            }
        } catch {
            if error.code != .cancelled {
                logger.warning(
                    "a request can't be authorized", metadata: ["user": "\(spec.user)", "error": "\(error)"])
            }
            throw error
        }
        if !answer.evaluationError.isEmpty {
            logger.debug("a review was made in spite of an error", metadata: ["error": "\(answer.evaluationError)"])
        }
        let verdict = Verdict(answer)
        if key.bytes.count <= configuration.keyLimit { remember(verdict, key) }
        return verdict
    }

    private func remember(_ verdict: Verdict, _ key: AccessKey) {
        if case .allow = verdict {
            permissions.insert(verdict, for: key, at: clock.now(), for: TimeAmount(configuration.authorizedTime))
        } else {
            refusals.insert(verdict, for: key, at: clock.now(), for: TimeAmount(configuration.unauthorizedTime))
        }
    }
}
