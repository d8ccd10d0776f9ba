internal import APIMachinery
internal import APIServer
internal import NIOHTTP1
internal import ProfileStore

/// The profiles of one service over a time, merged.
struct ServiceProfileSource: AnalysisSource {
    let profiles: StoredProfiles
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
            AnalysisQuery(request.query), now: now(), limits: profiles.limits, type: type, prefix: prefix)
        let service = ServiceName.of(key, request.query)
        return try await StoredProfileMerge(profiles: profiles).analysed(
            key, [FieldSelector.Requirement("spec.service", .equals, service)], range, of: service, request)
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
