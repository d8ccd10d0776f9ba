internal import NIOCore

/// Counts verdicts on requests, and how long they take: `authorization_attempts_total`, `authorization_duration_seconds`.
final class AuthorizationMetrics: Sendable {
    private let step: StepMetrics
    private let allowed: StepMetrics.Outcome
    private let denied: StepMetrics.Outcome
    private let noOpinion: StepMetrics.Outcome
    private let failed: StepMetrics.Outcome

    init(registry: MetricsRegistry, now: @escaping @Sendable () -> NIODeadline) {
        step = StepMetrics(
            "authorization",
            attempts: registry.counters(
                "authorization_attempts_total", "Verdicts on requests.", labels: ["result"]),
            timeTo: "a verdict", registry: registry, now: now)
        allowed = step.outcome("allowed")
        denied = step.outcome("denied")
        noOpinion = step.outcome("no-opinion")
        failed = step.outcome("error")
    }

    func now() -> NIODeadline { step.now() }

    /// Counts a verdict.
    func decided(_ decision: Decision, since start: NIODeadline) {
        let outcome =
            switch decision {
            case .allow: allowed
            case .deny: denied
            case .noOpinion: noOpinion
            case .failed: failed
            }
        step.count(outcome, since: start)
    }

    /// Counts a permission that was known already.
    func knew() { step.countKnown(allowed) }
}
