internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOHTTP1
internal import Pprof
internal import ProfileStore

/// The profiles that a capture took, merged; `type` chooses, the time doesn't matter.
struct CaptureProfileSource: AnalysisSource {
    let store: any ObjectStore
    let decoder: ProfileDecoder
    let limits: AnalysisLimits

    func profile(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        let resource = ProfilesGroup.resource(ProfilesGroup.captures)
        let capture = try await StoreFailure(resource, name: key.name).during { () throws(StoreError) in
            try await store.get(ProfilesGroup.captures, key)
        }
        guard let capture else { throw StatusError.notFound(resource, name: key.name) }
        let range = try ProfileRange(AnalysisQuery(Self.anyTime(request.query)), now: .latest, limits: limits)
        let choice = try await MatchingProfiles(store: store, limits: limits).choose(
            key.namespace, [FieldSelector.Requirement(ProfileRecord.sourceUIDField, .equals, capture.uid)], range)
        let merge = StoredProfileMerge(store: store, decoder: decoder, limits: limits)
        let (profile, count) = try await merge.merge(choice, range, request)
        return AnalysedProfile(
            profile: profile, title: "\(range.type.rawValue) of capture \(key.name), \(count) profiles", name: key.name,
            namespace: key.namespace, headers: MergeNote.headers(merged: count, of: choice.matched, request.warnings))
    }

    func base(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> AnalysedProfile {
        throw StatusError.badRequest("a capture has no base")
    }

    private static func anyTime(_ query: QueryItems) -> QueryItems {
        let kept = query.items.filter { !["from", "to"].contains($0.name) }
        return QueryItems(kept + [QueryItems.Item(name: "from", value: "0001-01-01T00:00:00Z")])
    }
}
