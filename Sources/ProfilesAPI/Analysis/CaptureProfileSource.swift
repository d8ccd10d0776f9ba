internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// The profiles that a capture took, merged; `type` chooses, the time doesn't matter.
struct CaptureProfileSource: AnalysisSource {
    let profiles: StoredProfiles

    func profile(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        let capture = try await profiles.object(ProfilesGroup.captures, key)
        let range = try ProfileRange(
            AnalysisQuery(Self.anyTime(request.query)), now: .latest, limits: profiles.limits)
        return try await StoredProfileMerge(profiles: profiles).analysed(
            key, [FieldSelector.Requirement(ProfileRecord.sourceUIDField, .equals, capture.uid)], range,
            of: "capture \(key.name)", request)
    }

    func base(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        throw StatusError.badRequest("a capture has no base")
    }

    private static func anyTime(_ query: QueryItems) -> QueryItems {
        let kept = query.items.filter { !["from", "to"].contains($0.name) }
        return QueryItems(kept + [QueryItems.Item(name: "from", value: "0001-01-01T00:00:00Z")])
    }
}
