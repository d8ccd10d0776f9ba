internal import KubeClient
internal import NIOCore

/// Counts the questions put to kube-apiserver, under the apiserver library's names: `apiserver_delegated_authn_request_total`,
/// `apiserver_delegated_authz_request_total` by HTTP status, and how long they took.
public struct ReviewMetrics: Sendable {
    /// Which of the two reviews.
    public enum Kind: String, Sendable {
        /// TokenReview.
        case authentication = "authn"
        /// SubjectAccessReview.
        case authorization = "authz"
    }

    private let total: CounterFamily
    private let duration: HistogramFamily
    private let clock: RequestClock

    /// Registers both families of `kind`.
    public init(_ kind: Kind, registry: MetricsRegistry, clock: RequestClock = .system) {
        let name = "apiserver_delegated_\(kind.rawValue)_request"
        total = registry.counters("\(name)_total", "Reviews asked of kube-apiserver.", labels: ["code"])
        duration = registry.histograms(
            "\(name)_duration_seconds", "How long reviews took.", labels: ["code"],
            buckets: [0.25, 0.5, 0.7, 1, 1.5, 3, 5, 10])
        self.clock = clock
    }

    /// Counts one question.
    func measure<Answer>(
        _ ask: () async throws(KubeClientError) -> Answer
    ) async throws(KubeClientError) -> Answer {
        let start = clock.now()
        do throws(KubeClientError) {
            let answer = try await ask()
            count("201", since: start)
            return answer
        } catch {
            count(error.status.map(String.init) ?? "<error>", since: start)
            throw error
        }
    }

    private func count(_ code: String, since start: NIODeadline) {
        total.with(code).increment()
        duration.with(code).observe(Double((clock.now() - start).nanoseconds) / 1e9)
    }
}
