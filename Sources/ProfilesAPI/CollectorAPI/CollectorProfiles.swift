internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import ProfefeCollector
internal import ProfileStore

/// Finds the profiles that a search is for, in the namespaces that the sender may read.
struct CollectorProfiles: Sendable {
    let profiles: StoredProfiles
    let services: ServiceIndex
    let readable: ReadableNamespaces
    let unscopedNamespace: String

    /// What was found, oldest first; of more than the limit the newest.
    ///
    /// - Throws: 404 without any; 413 if more match than are looked at.
    func find(_ search: CollectorFind, for user: UserInfo) async throws -> [CollectorRow] {
        let namespaces = try await namespaces(search, user)
        let found = try await rows(search, in: namespaces)
        guard !found.isEmpty else { throw try await nothing(user) }
        return try await offEventLoop { () throws(StatusError) in
            let sorted = found.sorted(by: CollectorRow.isBefore)
            return search.limit.map { sorted.suffix($0) } ?? sorted
        }
    }

    /// Where the service has profiles that the sender may read.
    private func namespaces(_ search: CollectorFind, _ user: UserInfo) async throws(StatusError) -> [String] {
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles))
        let all = try await failure.during { () throws(StoreError) in
            try await services.read { book in
                book.services.filter { $0.service.utf8.elementsEqual(search.service.utf8) }.map(\.namespace)
            }
        }
        // Profiles whose label can't be a namespace's name are in the unscoped one, and found by their label there.
        let wanted = search.labels.labels.filter { $0.key == CollectorNamespace.label }.map(\.value)
        let candidates =
            wanted.isEmpty ? all : all.filter { $0 == unscopedNamespace || wanted.contains($0) }
        return try await readable.among(candidates, user, ProfilesGroup.profiles)
    }

    /// What is said where nothing was found; the same whether there is nothing or it may not be read.
    private func nothing(_ user: UserInfo) async throws(StatusError) -> StatusError {
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles))
        let all = try await failure.during { () throws(StoreError) in
            try await services.read { $0.namespaces }
        }
        let mayRead = try await readable.among(all, user, ProfilesGroup.profiles)
        return all.isEmpty || !mayRead.isEmpty
            ? CollectorRefusal.nothingFound : ReadableNamespaces.none(user, ProfilesGroup.profiles)
    }

    private func rows(_ search: CollectorFind, in namespaces: [String]) async throws -> [CollectorRow] {
        var query = ObjectQuery(resource: ProfilesGroup.profiles, limit: Self.page)
        query.fieldSelector = FieldSelector(Self.requirements(search))
        query.labelSelector = Self.seconds(search)
        // Each namespace by itself, so that one which may not be read costs nothing.
        var found: [CollectorRow] = []
        for namespace in namespaces {
            query.namespace = namespace
            query.after = nil
            query.snapshot = nil
            try await collect(&query, search, &found)
        }
        return found
    }

    private func collect(
        _ query: inout ObjectQuery, _ search: CollectorFind, _ found: inout [CollectorRow]
    ) async throws {
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles))
        while true {
            let asked = query
            let page = try await failure.during { () throws(StoreError) in
                try await profiles.store.page(asked)
            }
            found += await offEventLoop { page.items.compactMap { CollectorRow($0.key, $0.object, search) } }
            guard found.count <= profiles.limits.mostMatches else {
                throw StatusError.requestEntityTooLarge(
                    "more than \(profiles.limits.mostMatches) profiles match, which is the limit; ask for a shorter time"
                )
            }
            guard page.more, let last = page.items.last else { return }
            query.after = last.key
            query.snapshot = page.snapshot
        }
    }

    /// Objects in memory at a time.
    private static let page = 1000

    /// `other` is two types here, so it is chosen row by row.
    private static func requirements(_ search: CollectorFind) -> [FieldSelector.Requirement] {
        let service = FieldSelector.Requirement("spec.service", .equals, search.service)
        guard let type = search.type, type != .other else { return [service] }
        return [service, FieldSelector.Requirement("spec.type", .equals, type.name)]
    }

    /// The range in the whole seconds that are indexed.
    private static func seconds(_ search: CollectorFind) -> LabelSelector {
        let label = ProfileLabels.ownPrefix + "created-at"
        guard let above = try? Requirement(label, .greaterThan, [String(search.range.lowerBound.seconds - 1)]),
            let below = try? Requirement(label, .lessThan, [String(search.range.upperBound.seconds + 1)])
        else { return .everything }
        return LabelSelector([above, below])
    }
}
