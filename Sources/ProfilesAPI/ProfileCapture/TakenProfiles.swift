internal import APIMachinery
internal import ProfileCapture
internal import ProfileStore

/// The profiles that an interrupted capture took before it was interrupted: those that the store has, whether its status got to tell
/// of them or not.
struct TakenProfiles: Sendable {
    let store: any ObjectStore

    /// One result for each profile that the capture has stored; what its status tells of them goes before.
    func of(_ document: CaptureDocument) async throws(StoreError) -> [CaptureProgress.Result] {
        var query = ObjectQuery(
            resource: ProfilesGroup.profiles, namespace: document.metadata.namespace,
            fieldSelector: FieldSelector([
                FieldSelector.Requirement(ProfileRecord.sourceUIDField, .equals, document.metadata.uid)
            ]), limit: 500)
        let told = document.status.progress.results.filter { $0.profile != nil }
        let names = Set(told.compactMap(\.profile))
        var taken = told
        while true {
            let page = try await store.page(query)
            taken += page.items.filter { !names.contains($0.key.name) }.map(Self.result)
            guard page.more, let last = page.items.last else { return taken }
            query.after = last.key
            query.snapshot = page.snapshot
        }
    }

    private static func result(_ profile: StoredObject) -> CaptureProgress.Result {
        let fields = profile.fields
        let object = (try? JSONValue.parse(profile.object.json)) ?? .null
        var result = CaptureProgress.Result(
            pod: fields["spec.podRef.name"] ?? "", type: fields["spec.type"].flatMap(ProfileType.init))
        result.container = fields["spec.container"] ?? ""
        result.profile = profile.key.name
        result.bytes = object["status"]?["sizeBytes"]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
        let duration = object["status"]?["duration"]?.stringValue
        result.durationNanos = duration.flatMap { Duration(goDuration: $0) }?.wholeNanoseconds ?? 0
        result.attempts = 1
        return result
    }
}
