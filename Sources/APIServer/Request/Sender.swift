internal import APIMachinery
internal import HTTPTransport
internal import Synchronization

/// Who sends requests, and what was decided on them. One object for the requests of a connection that carry the same header fields,
/// as long as what says who that is stays the same; else one for each request.
final class Sender: Sendable {
    private struct Verdict {
        let target: ReadTarget
        let step: AuthorizationStep
        let finding: Lasting<Decision>
    }

    let user: UserInfo
    /// Not among those in flight: of `system:masters`.
    let isExempt: Bool
    /// Whether it is that of several requests.
    let isKept: Bool
    /// Where its requests are counted; nil for the anonymous.
    let counter: Counter?
    private let verdicts = Mutex<[Verdict]>([])
    private static let verdictLimit = 4

    init(_ user: UserInfo, isKept: Bool = false, counter: Counter? = nil) {
        self.user = user
        self.isKept = isKept
        self.counter = counter
        isExempt = user.isMember(of: UserInfo.mastersGroup)
    }

    /// What `step` has decided on requests for `target`, if that still holds.
    func verdict(on target: ReadTarget, by step: AuthorizationStep) -> Decision? {
        verdicts.withLock { verdicts in
            for verdict in verdicts where verdict.target === target && verdict.step === step {
                return verdict.finding.holds ? verdict.finding.value : nil
            }
            return nil
        }
    }

    /// Keeps a verdict, in the place of an older one on the same target.
    func keep(_ finding: Lasting<Decision>, on target: ReadTarget, by step: AuthorizationStep) {
        verdicts.withLock { verdicts in
            verdicts.removeAll { $0.target === target && $0.step === step }
            if verdicts.count == Self.verdictLimit { verdicts.removeFirst() }
            verdicts.append(Verdict(target: target, step: step, finding: finding))
        }
    }
}

/// The sender of the requests that share their header fields, once it is known to last.
///
/// States: unasked → asked → known, or → never, if nobody can say for how long it is so. The second request is the first that is
/// worth the question: most fields of HTTP/1 come once.
final class SenderMemo: Sendable {
    private enum State {
        case unasked, asked, never
        case known(Lasting<Sender>, PeerConnection, AuthenticationStep)
    }
    private let state = Mutex(State.unasked)

    /// The sender of a request on `connection`, as `step` found it.
    func sender(on connection: PeerConnection, by step: AuthenticationStep) -> Sender? {
        state.withLock { state in
            guard case .known(let finding, let known, let finder) = state, known === connection, finder === step,
                finding.holds
            else { return nil }
            return finding.value
        }
    }

    /// Whether the sender is known for good.
    var isKnown: Bool {
        state.withLock { state in
            if case .known(let finding, _, _) = state { finding.holds } else { false }
        }
    }

    /// Keeps what `find` finds, from the second call on; `find` isn't asked again once it has found nothing.
    func keep(on connection: PeerConnection, by step: AuthenticationStep, _ find: () -> Lasting<Sender>?) {
        let isWorthIt = state.withLock { state in
            switch state {
            case .unasked:
                state = .asked
                return false
            case .asked, .known: return true
            case .never: return false
            }
        }
        guard isWorthIt else { return }
        let finding = find()
        state.withLock { $0 = finding.map { .known($0, connection, step) } ?? .never }
    }
}
