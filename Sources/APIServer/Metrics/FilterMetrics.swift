internal import NIOCore
internal import Synchronization

/// How long the steps of the chain take: `apiserver_request_filter_duration_seconds{filter}`.
struct FilterMetrics: Sendable {
    let authentication: Histogram
    let authorization: Histogram
    let now: @Sendable () -> NIODeadline

    init(registry: MetricsRegistry, now: @escaping @Sendable () -> NIODeadline) {
        let family = registry.histograms(
            "apiserver_request_filter_duration_seconds", "Time that a step before the endpoint took.",
            labels: ["filter"], buckets: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30])
        authentication = family.with("authentication")
        authorization = family.with("authorization")
        self.now = now
    }

    /// Seconds from then until now.
    func seconds(since start: NIODeadline) -> Double { Double((now() - start).nanoseconds) / 1e9 }

    /// 1 ms to 16.4 s, doubling: what k8s.io/apiserver measures authentication and authorization by.
    static let reviewBuckets = (0..<15).map { 0.001 * Double(1 << $0) }
}

/// Counts the findings of another authenticator, and their time, by kube-apiserver's names. Two of them lack the `_total` of
/// counters, as kube-apiserver's do.
final class MeasuredAuthenticator: Authenticator {
    private struct Result {
        let attempts: Counter
        let duration: Histogram
    }
    private let authenticator: any Authenticator
    private let filters: FilterMetrics
    private let success: Result
    private let error: Result
    private let users: CounterFamily
    private let otherUsers = OtherUsers()

    init(_ authenticator: any Authenticator, _ filters: FilterMetrics, registry: MetricsRegistry) {
        self.authenticator = authenticator
        self.filters = filters
        let attempts = registry.counters(
            "authentication_attempts", "Findings on who sends a request; anonymous is a success.", labels: ["result"])
        let durations = registry.histograms(
            "authentication_duration_seconds", "Time to find out who sends a request.", labels: ["result"],
            buckets: FilterMetrics.reviewBuckets)
        success = Result(attempts: attempts.with("success"), duration: durations.with("success"))
        error = Result(attempts: attempts.with("error"), duration: durations.with("error"))
        users = registry.counters(
            "authenticated_user_requests", "Authenticated requests by user; all but a few well-known ones are `other`.",
            labels: ["username"])
    }

    var identityHeaders: IdentityHeaders? { authenticator.identityHeaders }

    func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
        let start = filters.now()
        do {
            let user = try await authenticator.authenticate(request)
            count(success, user, since: start)
            return user
        } catch {
            count(self.error, nil, since: start)
            throw error
        }
    }

    func authenticateAtOnce(_ request: UnauthenticatedRequest) -> Swift.Result<UserInfo?, any Error>? {
        let start = filters.now()
        switch authenticator.authenticateAtOnce(request) {
        case nil: return nil
        case .success(let user)?:
            count(success, user, since: start)
            return .success(user)
        case .failure(let error)?:
            count(self.error, nil, since: start)
            return .failure(error)
        }
    }

    func lasting(_ request: UnauthenticatedRequest) -> Lasting<UserInfo?>? { authenticator.lasting(request) }

    /// Where the requests of a user are counted.
    func counter(of user: UserInfo) -> Counter {
        Self.label(user.name).map { users.with($0) } ?? otherUsers.counter(in: users)
    }

    /// Counts a sender that was known already; that took no time.
    func countKnown(_ counter: Counter?) {
        success.attempts.increment()
        success.duration.observe(0)
        filters.authentication.observe(0)
        counter?.increment()
    }

    private func count(_ result: Result, _ user: UserInfo?, since start: NIODeadline) {
        let seconds = filters.seconds(since: start)
        result.attempts.increment()
        result.duration.observe(seconds)
        filters.authentication.observe(seconds)
        if let user { counter(of: user).increment() }
    }

    /// apiserver `compressUsername`: no name of a person or a service account becomes a label; nil is `other`.
    private static func label(_ name: String) -> String? {
        switch name {
        case "admin", "client", "kube_proxy", "kubelet", "system:serviceaccount:kube-system:default": name
        default: name.utf8.contains(UInt8(ascii: "@")) ? "email_id" : nil
        }
    }
}

/// The counter that nearly all users share, found once; not made before somebody is counted.
private final class OtherUsers: Sendable {
    private let known = Mutex<Counter?>(nil)

    func counter(in users: CounterFamily) -> Counter {
        known.withLock { known in
            if let known { return known }
            let counter = users.with("other")
            known = counter
            return counter
        }
    }
}

/// Counts the verdicts of another authorizer, and their time, by kube-apiserver's names.
final class MeasuredAuthorizer: Authorizer {
    private struct Result {
        let attempts: Counter
        let duration: Histogram
    }
    private let authorizer: any Authorizer
    private let filters: FilterMetrics
    private let allowed: Result
    private let denied: Result
    private let noOpinion: Result
    private let failed: Result

    init(_ authorizer: any Authorizer, _ filters: FilterMetrics, registry: MetricsRegistry) {
        self.authorizer = authorizer
        self.filters = filters
        let attempts = registry.counters("authorization_attempts_total", "Verdicts on requests.", labels: ["result"])
        let durations = registry.histograms(
            "authorization_duration_seconds", "Time to a verdict.", labels: ["result"],
            buckets: FilterMetrics.reviewBuckets)
        func result(_ name: String) -> Result {
            Result(attempts: attempts.with(name), duration: durations.with(name))
        }
        allowed = result("allowed")
        denied = result("denied")
        noOpinion = result("no-opinion")
        failed = result("error")
    }

    func authorize(_ attributes: Attributes) async -> Decision {
        let start = filters.now()
        return count(await authorizer.authorize(attributes), since: start)
    }

    func decideAtOnce(_ attributes: Attributes) -> Decision? {
        let start = filters.now()
        return authorizer.decideAtOnce(attributes).map { count($0, since: start) }
    }

    func lasting(_ attributes: Attributes) -> Lasting<Decision>? { authorizer.lasting(attributes) }

    /// Counts a permission that was known already; that took no time.
    func countKnown() {
        allowed.attempts.increment()
        allowed.duration.observe(0)
        filters.authorization.observe(0)
    }

    private func count(_ decision: Decision, since start: NIODeadline) -> Decision {
        let result =
            switch decision {
            case .allow: allowed
            case .deny: denied
            case .noOpinion: noOpinion
            case .failed: failed
            }
        let seconds = filters.seconds(since: start)
        result.attempts.increment()
        result.duration.observe(seconds)
        filters.authorization.observe(seconds)
        return decision
    }
}
