internal import APIMachinery
internal import ProfileStore

/// Finds the profiles of a range and chooses among too many.
struct MatchingProfiles: Sendable {
    let store: any ObjectStore
    let limits: AnalysisLimits

    /// What was chosen, oldest first, of how many.
    struct Choice: Sendable {
        let profiles: [StoredObject]
        let matched: Int
    }

    /// The profiles of `range` with these fields.
    ///
    /// - Throws: 413 if more match than are looked at.
    func choose(_ namespace: String, _ fields: [FieldSelector.Requirement], _ range: ProfileRange) async throws
        -> Choice
    {
        let type = FieldSelector.Requirement("spec.type", .equals, range.type.rawValue)
        var query = ObjectQuery(
            resource: ProfilesGroup.profiles, namespace: namespace, labelSelector: range.labelSelector,
            fieldSelector: FieldSelector(fields + [type]), limit: 500)
        var found: [StoredObject] = []
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles))
        while true {
            let asked = query
            let page = try await failure.during { () throws(StoreError) in try await store.page(asked) }
            found += page.items.filter { range.contains(second: $0.object.createdAt) }
            guard found.count <= limits.mostMatches else {
                throw StatusError.requestEntityTooLarge(
                    "more than \(limits.mostMatches) profiles match, which is the limit; ask for a shorter time")
            }
            guard page.more, let last = page.items.last else { break }
            query.after = last.key
            query.snapshot = page.snapshot
        }
        found.sort { left, right in
            left.object.createdAt != right.object.createdAt
                ? left.object.createdAt < right.object.createdAt : left.key.name < right.key.name
        }
        return Choice(profiles: Self.sample(found, range), matched: found.count)
    }

    private static func sample(_ found: [StoredObject], _ range: ProfileRange) -> [StoredObject] {
        guard found.count > range.maxProfiles else { return found }
        switch range.sample {
        case .newest: return Array(found.suffix(range.maxProfiles))
        case .even: return (0..<range.maxProfiles).map { found[$0 * found.count / range.maxProfiles] }
        }
    }
}
