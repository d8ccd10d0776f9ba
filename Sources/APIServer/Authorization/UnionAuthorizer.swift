/// Asks authorizers in turn: the first that allows or denies decides.
///
/// One that failed is remembered and the next is asked; if nobody decides, a failure makes the verdict a failure (500, never
/// data), else the reasons are joined and nobody allowed it (403).
public struct UnionAuthorizer: Authorizer {
    private let authorizers: [any Authorizer]

    /// Asks in this order.
    public init(_ authorizers: [any Authorizer]) { self.authorizers = authorizers }

    /// The first verdict.
    public func authorize(_ attributes: Attributes) async -> Decision {
        var verdict = Verdict()
        for authorizer in authorizers {
            if let decision = verdict.take(await authorizer.authorize(attributes)) { return decision }
        }
        return verdict.undecided
    }

    /// The same, as long as nobody has to be waited for.
    public func decideAtOnce(_ attributes: Attributes) -> Decision? {
        var verdict = Verdict()
        for authorizer in authorizers {
            guard let next = authorizer.decideAtOnce(attributes) else { return nil }
            if let decision = verdict.take(next) { return decision }
        }
        return verdict.undecided
    }

    /// The same, as long as all that are asked can say for how long, and one of them decides.
    public func lasting(_ attributes: Attributes) -> Lasting<Decision>? {
        var grounds: [Ground] = []
        for authorizer in authorizers {
            guard let finding = authorizer.lasting(attributes) else { return nil }
            grounds += finding.grounds
            switch finding.value {
            case .allow, .deny: return Lasting(finding.value, on: grounds)
            case .noOpinion: continue
            case .failed: return nil
            }
        }
        return nil
    }

    /// What those asked so far have said.
    private struct Verdict {
        var reasons: [String] = []
        var failure: (any Error)?

        /// The decision, if this is one.
        mutating func take(_ decision: Decision) -> Decision? {
            switch decision {
            case .allow, .deny: return decision
            case .noOpinion(let reason): if !reason.isEmpty { reasons.append(reason) }
            case .failed(let error): failure = failure ?? error
            }
            return nil
        }

        var undecided: Decision {
            failure.map { .failed($0) } ?? .noOpinion(reason: reasons.joined(separator: "\n"))
        }
    }
}
