internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOCore
internal import Pprof

/// `…/top`, `…/flamegraph`, `…/graph`, `…/diff`, `…/merge`, `…/pgo`: what the engine makes of the profile that the source has.
///
/// At most so many at a time (429), each off the event loop and within its limits (413).
struct AnalysisConnector: Connector {
    let source: any AnalysisSource
    let gate: AnalysisGate
    let subresource: SubresourceDescription
    let forms: AnalysisForms
    /// Whether the base that the request names is subtracted.
    var isDifference = false

    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        let form = try forms.choose(request)
        // As pprof prints all rows as text; a Table is for a screen.
        let options = try AnalysisQuery(request.query).options(
            gate.limits, nodeCount: form == .table || form == .json ? Self.rows : 0)
        let difference = try differenceOptions(request)
        return try await gate.enter {
            var analysed = try await source.profile(key, request)
            if let difference { analysed = try await subtract(analysed, key, request, difference) }
            let maker = AnalysisAnswer(analysed: analysed, form: form, options: options)
            return try await gate.threads.run { try AnalysisFailure.translating { try maker.response() } }
        }
    }

    /// Rows of a Table if nobody says how many.
    private static let rows = 50

    private func differenceOptions(_ request: AuthorizedRequest) throws -> DifferenceOptions? {
        guard isDifference else { return nil }
        var options = DifferenceOptions()
        options.normalize = try AnalysisQuery(request.query).flag("normalize")
        return options
    }

    private func subtract(
        _ analysed: AnalysedProfile, _ key: ObjectKey, _ request: AuthorizedRequest, _ options: DifferenceOptions
    ) async throws -> AnalysedProfile {
        let base = try await source.base(key, request)
        let difference = try await gate.threads.run {
            try AnalysisFailure.translating { try analysed.profile.subtracting(base.profile, options) }
        }
        return AnalysedProfile(
            profile: difference, title: "\(analysed.title) against \(base.title)", name: analysed.name,
            namespace: analysed.namespace, headers: analysed.headers)
    }
}
