internal import APIMachinery
internal import HTTPTransport
internal import NIOConcurrencyHelpers

/// Lets so many analyses in and has threads for them, so that the rest of the server does not feel them.
final class AnalysisGate: Sendable {
    let limits: AnalysisLimits
    /// Where they do their work.
    let threads: QuietThreads
    private let running = NIOLockedValueBox(0)

    init(_ limits: AnalysisLimits) {
        self.limits = limits
        threads = QuietThreads(most: limits.concurrent)
    }

    /// Runs `body` as one of the analyses.
    ///
    /// - Throws: 429 with Retry-After if there are enough already; what `body` throws.
    func enter<Success: Sendable>(_ body: () async throws -> Success) async throws -> Success {
        let isIn = running.withLockedValue { running in
            guard running < limits.concurrent else { return false }
            running += 1
            return true
        }
        guard isIn else {
            throw StatusError.tooManyRequests(
                "\(limits.concurrent) analyses of profiles are running, which is the limit; please try again",
                retryAfter: 1)
        }
        defer { running.withLockedValue { $0 -= 1 } }
        return try await body()
    }
}
