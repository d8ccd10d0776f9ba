internal import NIOConcurrencyHelpers

/// How many requests are being answered, and how many may be (conformance 14; apiserver `filters/maxinflight.go`).
///
/// Not counted: long-running requests, the health paths. Counted but never refused would let a flood by administrators
/// starve the rest, so requests of `system:masters` aren't counted either: kube-apiserver's probes must never get 429.
final class InFlightLimits: Sendable {
    /// Which of the two limits a request counts against.
    enum Kind: String, Sendable, CaseIterable {
        case readOnly, mutating
    }

    private struct State {
        var current = 0
        /// The most at a time since ``takeHighWatermark(_:)`` was last asked.
        var highest = 0
    }
    private let readOnlyLimit: Int
    private let mutatingLimit: Int
    private let readOnly = NIOLockedValueBox(State())
    private let mutating = NIOLockedValueBox(State())

    /// Limits of 0 never refuse.
    init(readOnly: Int, mutating: Int) {
        readOnlyLimit = readOnly
        mutatingLimit = mutating
    }

    /// Tells `registry` how many there were at the most since it was last asked.
    func tell(_ registry: MetricsRegistry) {
        let gauges = registry.gauges(
            "apiserver_current_inflight_requests", "The most requests in flight since the last scrape.",
            labels: ["request_kind"])
        registry.beforeExposition { [self] in
            for kind in Kind.allCases { gauges.with(kind.rawValue).set(Double(takeHighWatermark(kind))) }
        }
    }

    /// Which limit a request counts against, unless its sender is exempt; nil if none.
    static func kind(of info: RequestInfo) -> Kind? {
        if info.isLongRunning || (!info.isResourceRequest && HealthPaths.contains(info.path)) { return nil }
        return info.isMutating ? .mutating : .readOnly
    }

    /// Takes a place; false if there is none. Each true needs one ``leave(_:)``.
    func enter(_ kind: Kind) -> Bool {
        let limit = kind == .mutating ? mutatingLimit : readOnlyLimit
        return box(kind).withLockedValue { state in
            guard limit == 0 || state.current < limit else { return false }
            state.current += 1
            state.highest = max(state.highest, state.current)
            return true
        }
    }

    /// Gives the place back.
    func leave(_ kind: Kind) {
        box(kind).withLockedValue { $0.current -= 1 }
    }

    /// The most requests at a time since this was last asked.
    func takeHighWatermark(_ kind: Kind) -> Int {
        box(kind).withLockedValue { state in
            defer { state.highest = state.current }
            return state.highest
        }
    }

    private func box(_ kind: Kind) -> NIOLockedValueBox<State> { kind == .mutating ? mutating : readOnly }
}
