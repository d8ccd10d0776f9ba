internal import APIMachinery
internal import ProfileStore

/// Finds the profiles of a range and chooses among too many.
struct MatchingProfiles: Sendable {
    let profiles: StoredProfiles

    /// A profile that may be chosen, as small as can be: there may be a hundred thousand.
    struct Match: Sendable, Equatable {
        let name: String
        /// Seconds since 1970.
        let time: Int64
        /// Bytes as received.
        let size: Int
    }

    /// What was chosen, oldest first, of how many.
    struct Choice: Sendable {
        let namespace: String
        let matches: [Match]
        let matched: Int

        /// Where one of them is in the store.
        func key(_ match: Match) -> ObjectKey { ObjectKey(namespace: namespace, name: match.name) }
    }

    /// The profiles of `range` with these fields.
    ///
    /// - Throws: 413 if more match than are looked at.
    func choose(
        _ namespace: String, _ fields: [FieldSelector.Requirement], _ range: ProfileRange
    ) async throws(StatusError) -> Choice {
        let type = FieldSelector.Requirement("spec.type", .equals, range.type.rawValue)
        var found: [Match] = []
        try await profiles.forEach(namespace, fields + [type], range.boundedSelector) { profile in
            let match = Match(name: profile.key.name, time: profile.object.createdAt, size: profile.size)
            if range.contains(second: match.time) { found.append(match) }
        }
        found.sort { left, right in left.time != right.time ? left.time < right.time : left.name < right.name }
        return Choice(namespace: namespace, matches: Self.sample(found, range), matched: found.count)
    }

    private static func sample(_ found: [Match], _ range: ProfileRange) -> [Match] {
        guard found.count > range.maxProfiles else { return found }
        switch range.sample {
        case .newest: return Array(found.suffix(range.maxProfiles))
        case .even: return (0..<range.maxProfiles).map { found[$0 * found.count / range.maxProfiles] }
        }
    }
}
