/// Counts the verdicts of another authorizer as `authorization_attempts_total{result}`, kube-apiserver's name.
struct CountingAuthorizer: Authorizer {
    private let authorizer: any Authorizer
    private let allowed: Counter
    private let denied: Counter
    private let noOpinion: Counter
    private let failed: Counter

    init(_ authorizer: any Authorizer, registry: MetricsRegistry) {
        self.authorizer = authorizer
        let family = registry.counters("authorization_attempts_total", "Verdicts on requests.", labels: ["result"])
        allowed = family.with("allowed")
        denied = family.with("denied")
        noOpinion = family.with("no-opinion")
        failed = family.with("error")
    }

    func authorize(_ attributes: Attributes) async -> Decision {
        count(await authorizer.authorize(attributes))
    }

    func decideAtOnce(_ attributes: Attributes) -> Decision? {
        authorizer.decideAtOnce(attributes).map(count)
    }

    private func count(_ decision: Decision) -> Decision {
        switch decision {
        case .allow: allowed.increment()
        case .deny: denied.increment()
        case .noOpinion: noOpinion.increment()
        case .failed: failed.increment()
        }
        return decision
    }
}
