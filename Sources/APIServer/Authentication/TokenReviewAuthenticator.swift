public import APIMachinery
internal import Digests
internal import HTTPTransport
public import KubeClient
public import Logging

/// Asks kube-apiserver whom a bearer token belongs to (conformance 2.6).
///
/// No `Authorization: Bearer`, or an empty token, is "not mine"; a token that is nobody's, or not meant for any of the audiences asked
/// for, is an error, hence 401. Both answers are remembered for a while, apart from each other, so that a flood of invented tokens
/// doesn't displace those in use; under the token's HMAC-SHA256 with a key of this process, never under the token. A question that
/// could not be answered is an error too and is not remembered. Equal questions at the same time are put once.
public struct TokenReviewAuthenticator: Authenticator {
    /// What is asked and remembered.
    public struct Configuration: Sendable {
        /// Whom a token must be meant for; empty is kube-apiserver itself.
        public var audiences: [String] = []
        /// How long an answer is remembered, yes or no: `--authentication-token-webhook-cache-ttl`.
        public var cacheTime: Duration = .seconds(10)
        /// How many answers of each kind.
        public var cacheLimit = 8192
        /// The defaults.
        public init() {}
    }

    private let reviewer: any TokenReviewer
    private let audiences: [String]
    private let reviews: CachedReviews<[UInt8], UserInfo, AuthenticationError>
    private let key = RandomBytes.make(32)

    /// - Parameters:
    ///   - reviewer: puts the questions; has a deadline and repeats what may be repeated.
    ///   - configuration: what is asked and remembered.
    ///   - metrics: counts them.
    ///   - clock: measures how long an answer is good.
    ///   - logger: told why a question could not be answered.
    public init(
        _ reviewer: any TokenReviewer, _ configuration: Configuration = Configuration(),
        metrics: ReviewMetrics, clock: RequestClock = .system, logger: Logger
    ) {
        self.reviewer = reviewer
        audiences = configuration.audiences
        reviews = CachedReviews(
            grantTime: configuration.cacheTime, refusalTime: configuration.cacheTime, limit: configuration.cacheLimit,
            metrics: metrics, clock: clock, logger: logger, complaint: "a bearer token can't be reviewed")
    }

    /// Whose token the request has.
    public func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
        guard let (token, name) = credentials(of: request) else { return nil }
        do {
            return try await reviews.answer(to: name) { () async throws(KubeClientError) in
                user(try await reviewer.review(token: token.text, audiences: audiences))
            }.get()
        } catch let error as KubeClientError {
            throw AuthenticationError(.unavailable, "the bearer token could not be reviewed: \(error)", cause: error)
        }
    }

    /// If it is remembered.
    public func authenticateAtOnce(_ request: UnauthenticatedRequest) -> Result<UserInfo?, any Error>? {
        guard let (_, name) = credentials(of: request) else { return .success(nil) }
        return reviews.remembered(name).map { known in Result { try known.get() } }
    }

    /// Only that there is no token: kube-apiserver may change its mind about one.
    public func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? {
        request.http.facts.token == nil ? Lasting(nil) : nil
    }

    /// The token and the name under which its answer is remembered.
    private func credentials(of request: UnauthenticatedRequest) -> (token: BearerToken, name: [UInt8])? {
        request.http.facts.token.map { token in
            let name = request.http.facts.tokenName {
                HMACSHA256.authenticationCode(for: Array(token.text.utf8), key: key)
            }
            return (token, name)
        }
    }

    private func user(_ verdict: TokenReviewVerdict) -> Result<UserInfo, AuthenticationError> {
        switch verdict {
        case .notAuthenticated(let error):
            let why = error.isEmpty ? "" : ": \(error)"
            return .failure(AuthenticationError(.invalidToken, "kube-apiserver doesn't know the bearer token\(why)"))
        case .authenticated(let user, let audiences):
            // An answer without audiences is that of an authenticator that doesn't know any: good for kube-apiserver only.
            let wanted = self.audiences
            guard wanted.isEmpty || audiences.contains(where: wanted.contains) else {
                return .failure(
                    AuthenticationError(
                        .invalidToken,
                        "the bearer token is meant for \(audiences), not for any of \(wanted)"))
            }
            return .success(user.addingAuthenticatedGroup())
        }
    }
}
