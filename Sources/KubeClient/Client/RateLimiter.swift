import NIOConcurrencyHelpers

/// How many requests may be sent.
public struct RateLimit: Sendable, Hashable {
    /// In the long run.
    public var perSecond: Double
    /// At once, after a rest.
    public var burst: Int

    /// Makes a limit.
    public init(perSecond: Double, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// The limit of each purpose. Reviews: as Kubernetes' own servers.
    public static func standard(_ purpose: RequestPurpose) -> RateLimit {
        switch purpose {
        case .review: RateLimit(perSecond: 200, burst: 400)
        case .informer: RateLimit(perSecond: 10, burst: 20)
        case .lookup: RateLimit(perSecond: 50, burst: 100)
        case .write: RateLimit(perSecond: 20, burst: 40)
        case .lease: RateLimit(perSecond: 5, burst: 10)
        }
    }
}

/// A token bucket: each request takes a token, tokens come back at a steady rate.
///
/// Requests are served in the order they came: one that must wait has taken its token already.
final class RateLimiter: Sendable {
    private struct State {
        /// May be negative: those are promised.
        var tokens: Double
        var filled: Duration
    }

    private let limit: RateLimit
    private let clock: SteadyClock
    private let state: NIOLockedValueBox<State>

    init(_ limit: RateLimit, clock: SteadyClock) {
        self.limit = limit
        self.clock = clock
        state = NIOLockedValueBox(State(tokens: Double(limit.burst), filled: clock.now))
    }

    /// Waits for a token.
    ///
    /// - Throws: `.timedOut` at once if none comes before `end`, `.cancelled`.
    func wait(until end: Duration) async throws(KubeClientError) {
        let now = clock.now
        guard let delay = take(now: now, latest: end) else {
            throw KubeClientError(
                .timedOut, "the client's limit of \(limit.perSecond) requests a second leaves none before the deadline")
        }
        if delay > .zero { try await clock.sleep(for: delay) }
    }

    /// Takes a token and says when it is there; nil, and takes none, if that is too late.
    func take(now: Duration, latest: Duration) -> Duration? {
        state.withLockedValue { state in
            let passed = max((now - state.filled) / .seconds(1), 0)
            let tokens = min(state.tokens + passed * limit.perSecond, Double(limit.burst))
            let delay = tokens >= 1 ? Duration.zero : .seconds(1) * ((1 - tokens) / limit.perSecond)
            guard delay == .zero || now + delay < latest else { return nil }
            state = State(tokens: tokens - 1, filled: max(now, state.filled))
            return delay
        }
    }
}
