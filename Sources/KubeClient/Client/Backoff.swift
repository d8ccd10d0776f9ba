/// How long to wait before another try: longer each time, never the same for all.
public struct Backoff: Sendable, Hashable {
    /// Before the second try.
    public var initial: Duration
    /// How much longer each wait is than the one before.
    public var factor: Double
    /// The longest wait, jitter left out.
    public var maximum: Duration
    /// Up to this part of the wait is added by chance: 0.2 makes 1 s to 1 s…1.2 s.
    public var jitter: Double

    /// Makes a backoff.
    public init(initial: Duration, factor: Double, maximum: Duration, jitter: Double) {
        self.initial = initial
        self.factor = factor
        self.maximum = maximum
        self.jitter = jitter
    }

    /// 0.8 s, doubled up to 30 s, each up to twice as long by chance: what Kubernetes' own reflectors do.
    public static let reflector = Backoff(initial: .milliseconds(800), factor: 2, maximum: .seconds(30), jitter: 1)
    /// 0.5 s, half as much again each time: what Kubernetes' own reviews do.
    public static let review = Backoff(initial: .milliseconds(500), factor: 1.5, maximum: .seconds(5), jitter: 0.2)

    /// The wait after so many failures in a row.
    ///
    /// - Parameters:
    ///   - failures: 1 or more.
    ///   - chance: 0 to 1, from the random source.
    public func delay(afterFailures failures: Int, chance: Double) -> Duration {
        var delay = initial
        var left = min(failures, 64) - 1
        while left > 0, delay < maximum {
            delay = delay * factor
            left -= 1
        }
        return min(delay, maximum) * (1 + jitter * min(max(chance, 0), 1))
    }
}

/// What may be tried again within a request's deadline, and how often.
public struct RetryPolicy: Sendable, Hashable {
    /// How often a request is sent, the first time included.
    public var attempts: Int
    /// Whether a request that found no kube-apiserver (refused, unreachable, no handshake) is tried again.
    public var repeatsUnsent: Bool
    /// Whether an exchange that broke, or took too long, may be repeated though it may have been carried out.
    public var repeatsBroken: Bool
    /// Whether 500, 502 and 504 are tried again.
    public var repeatsServerErrors: Bool
    /// How long to wait where the answer doesn't say.
    public var backoff: Backoff

    /// Makes a policy.
    public init(
        attempts: Int, repeatsUnsent: Bool = true, repeatsBroken: Bool, repeatsServerErrors: Bool,
        backoff: Backoff = .review
    ) {
        self.attempts = attempts
        self.repeatsUnsent = repeatsUnsent
        self.repeatsBroken = repeatsBroken
        self.repeatsServerErrors = repeatsServerErrors
        self.backoff = backoff
    }

    /// Five times, for reads: what broke may be repeated.
    public static let reads = RetryPolicy(attempts: 5, repeatsBroken: true, repeatsServerErrors: false)
    /// Five times, for writes: only what surely wasn't carried out is repeated.
    public static let writes = RetryPolicy(attempts: 5, repeatsBroken: false, repeatsServerErrors: false)
    /// Five times, for questions: nothing is changed by asking again. But where nobody listens the answer is no at once, as with the
    /// apiserver library (`util/webhook`, `DefaultShouldRetry`): a user waits for it, and the next request asks anew.
    public static let reviews = RetryPolicy(
        attempts: 5, repeatsUnsent: false, repeatsBroken: true, repeatsServerErrors: true)
    /// Once: the caller has a backoff of its own.
    public static let never = RetryPolicy(attempts: 1, repeatsBroken: false, repeatsServerErrors: false)
}
