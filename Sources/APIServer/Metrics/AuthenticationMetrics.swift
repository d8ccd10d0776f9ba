internal import APIMachinery
internal import NIOCore
internal import Synchronization

/// Counts who sends requests, and how long it takes to find out: `authentication_attempts`, `authentication_duration_seconds` (two that
/// lack the `_total` of counters, as kube-apiserver's do), `authenticated_user_requests`.
final class AuthenticationMetrics: Sendable {
    private let step: StepMetrics
    private let success: StepMetrics.Outcome
    private let error: StepMetrics.Outcome
    private let users: CounterFamily
    /// The counter that nearly all users share, found once; not made before somebody is counted.
    private let others = Mutex<Counter?>(nil)

    init(registry: MetricsRegistry, now: @escaping @Sendable () -> NIODeadline) {
        step = StepMetrics(
            "authentication",
            attempts: registry.counters(
                "authentication_attempts", "Findings on who sends a request; anonymous is a success.",
                labels: ["result"]),
            timeTo: "find out who sends a request", registry: registry, now: now)
        success = step.outcome("success")
        error = step.outcome("error")
        users = registry.counters(
            "authenticated_user_requests", "Authenticated requests by user; all but a few well-known ones are `other`.",
            labels: ["username"])
    }

    func now() -> NIODeadline { step.now() }

    /// Counts a sender, nil if anonymous.
    func found(_ user: UserInfo?, since start: NIODeadline) {
        step.count(success, since: start)
        if let user { counter(of: user).increment() }
    }

    /// Counts a sender that was known already, by its own ``counter(of:)``.
    func knew(_ counter: Counter?) {
        step.countKnown(success)
        counter?.increment()
    }

    /// Counts credentials that are no good.
    func refused(since start: NIODeadline) { step.count(error, since: start) }

    /// Where the requests of a user are counted.
    func counter(of user: UserInfo) -> Counter {
        if let label = Self.label(user.name) { return users.with(label) }
        return others.withLock { known in
            if let known { return known }
            let counter = users.with("other")
            known = counter
            return counter
        }
    }

    /// apiserver `compressUsername`: no name of a person or a service account becomes a label; nil is `other`.
    private static func label(_ name: String) -> String? {
        switch name {
        case "admin", "client", "kube_proxy", "kubelet", "system:serviceaccount:kube-system:default": name
        default: name.utf8.contains(UInt8(ascii: "@")) ? "email_id" : nil
        }
    }
}
