internal import NIOCore

/// Counts what comes of a step before the endpoint, and how long it takes, by kube-apiserver's names.
///
/// Every request is observed, whether its outcome was found or known already, as kube-apiserver observes those it answers from a
/// cache: a histogram's count is that of the attempts.
struct StepMetrics: Sendable {
    /// The series of one outcome.
    struct Outcome: Sendable {
        let attempts: Counter
        let duration: Histogram
    }

    private let attempts: CounterFamily
    private let durations: HistogramFamily
    /// `apiserver_request_filter_duration_seconds{filter}`.
    private let filter: Histogram
    let now: @Sendable () -> NIODeadline

    /// Those of the step `name`, whose attempts are counted by a family of its own.
    init(
        _ name: String, attempts: CounterFamily, timeTo what: String, registry: MetricsRegistry,
        now: @escaping @Sendable () -> NIODeadline
    ) {
        self.attempts = attempts
        // 1 ms to 16.4 s, doubling.
        durations = registry.histograms(
            "\(name)_duration_seconds", "Time to \(what).", labels: ["result"],
            buckets: (0..<15).map { 0.001 * Double(1 << $0) })
        filter = registry.histograms(
            "apiserver_request_filter_duration_seconds", "Time that a step before the endpoint took.",
            labels: ["filter"], buckets: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30]
        ).with(name)
        self.now = now
    }

    /// The series of an outcome.
    func outcome(_ result: String) -> Outcome {
        Outcome(attempts: attempts.with(result), duration: durations.with(result))
    }

    /// Counts an outcome that was looked for since `start`.
    func count(_ outcome: Outcome, since start: NIODeadline) {
        count(outcome, seconds: Double((now() - start).nanoseconds) / 1e9)
    }

    /// Counts an outcome that was known already: that took less than the clock can tell.
    func countKnown(_ outcome: Outcome) { count(outcome, seconds: 0) }

    private func count(_ outcome: Outcome, seconds: Double) {
        outcome.attempts.increment()
        outcome.duration.observe(seconds)
        filter.observe(seconds)
    }
}
