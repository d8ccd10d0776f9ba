internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOHTTP1
internal import Pprof
internal import ProfileStore

/// The profiles of one service over a time, merged.
struct ServiceProfileSource: AnalysisSource {
    let store: any ObjectStore
    let decoder: ProfileDecoder
    let limits: AnalysisLimits
    let now: @Sendable () -> Timestamp
    /// The only type that it is for; nil where the request says it.
    var type: ProfileType?

    func profile(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        try await merged(key, request, prefix: "")
    }

    func base(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        let query = AnalysisQuery(request.query)
        guard ["from", "to", "labelSelector"].contains(where: { query.text("base.\($0)") != nil }) else {
            throw StatusError.badRequest(
                "\(FieldError.required(FieldPath("base.from"), "or base.to or base.labelSelector: what the difference is against"))"
            )
        }
        return try await merged(key, request, prefix: "base.")
    }

    private func merged(_ key: ObjectKey, _ request: AuthorizedRequest, prefix: String) async throws -> AnalysedProfile
    {
        let range = try ProfileRange(
            AnalysisQuery(request.query), now: now(), limits: limits, type: type, prefix: prefix)
        let service = ServiceName.of(key, request.query)
        let choice = try await MatchingProfiles(store: store, limits: limits).choose(
            key.namespace, [FieldSelector.Requirement("spec.service", .equals, service)], range)
        let merge = StoredProfileMerge(store: store, decoder: decoder, limits: limits)
        let (profile, count) = try await merge.merge(choice, range, request)
        return AnalysedProfile(
            profile: profile, title: "\(range.type.rawValue) of \(service), \(count) profiles", name: key.name,
            namespace: key.namespace, headers: MergeNote.headers(merged: count, of: choice.matched, request.warnings))
    }
}

/// The service that a path names.
enum ServiceName {
    /// The parameter `service` where the name is no path segment, else the object's name.
    static func of(_ key: ObjectKey, _ query: QueryItems) -> String {
        query["service"].flatMap { $0.isEmpty ? nil : $0 } ?? key.name
    }
}

/// Says that not all profiles were merged; never silently.
enum MergeNote {
    static func headers(merged: Int, of matched: Int, _ warnings: WarningCollector) -> HTTPHeaders {
        if merged < matched { warnings.add("merged \(merged) of \(matched) profiles") }
        return ["x-profefe-merged": "\(merged)/\(matched)"]
    }
}
