internal import APIMachinery
internal import HTTPTransport
internal import NIOConcurrencyHelpers

/// How much of the server the analyses of profiles may take.
public struct AnalysisLimits: Sendable, Equatable {
    /// Analyses at a time; those above it are told to come back. Default 4.
    public var concurrent = 4
    /// Bytes of one stored profile as received. Default 64 MiB.
    public var profileBytes = 64 << 20
    /// Bytes of an answer. Default 64 MiB.
    public var answerBytes = 64 << 20
    /// Profiles that one merge may be asked for by `maxProfiles`. Default 5000.
    public var mostProfiles = 5000
    /// Profiles of a range that are looked at to choose from. Default 100,000.
    public var mostMatches = 100_000

    /// The defaults, to be changed field by field.
    public init() {}
}

/// Lets so many analyses in and runs them off the event loop, so that the rest of the server does not feel them.
final class AnalysisGate: Sendable {
    let limits: AnalysisLimits
    private let running = NIOLockedValueBox(0)

    init(_ limits: AnalysisLimits) { self.limits = limits }

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
