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
    func find(_ search: CollectorFind, for user: UserInfo) async throws -> CollectorRows {
        var found = CollectorRows()
        var range = search.range
        for namespace in try await namespaces(search, user) {
            // Each namespace by itself, so that one which may not be read costs nothing.
            for type in Self.types(search) {
                let more = try await rows(search, type, in: namespace, range, besides: found.count)
                found = await offEventLoop { [found] in found.joined(more, newest: search.limit) }
                // What is older than all of enough is not among the newest.
                if let oldest = found.rows.first, found.count == search.limit { range = oldest.time...range.upperBound }
            }
        }
        guard !found.isEmpty else { throw try await nothing(user) }
        return found
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

    /// The newest of a namespace, of one type or of all.
    private func rows(
        _ search: CollectorFind, _ type: ProfileType?, in namespace: String, _ range: ClosedRange<Timestamp>,
        besides others: Int
    ) async throws -> CollectorRows {
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles))
        let most = profiles.limits.mostMatches
        var query = TimelineQuery(
            resource: ProfilesGroup.profiles, namespace: namespace, service: search.service, type: type?.rawValue,
            range: range)
        var found: [CollectorRows] = []
        var count = 0
        while true {
            let missing = (search.limit ?? .max) - count
            query.limit = Self.page(missing, search)
            let asked = query
            let page = try await failure.during { () throws(StoreError) in try await profiles.store.page(asked) }
            let told = await offEventLoop { Self.told(page.items, search, type, namespace, most: missing) }
            found.append(told)
            count += told.count
            guard others + count <= most else {
                throw StatusError.requestEntityTooLarge(
                    "more than \(most) profiles match, which is the limit; ask for a shorter time")
            }
            guard page.more, told.count < missing, let last = page.items.last else { break }
            query.after = last.place
        }
        return await offEventLoop { [found] in CollectorRows(found.reversed()) }
    }

    /// Objects to be read next: as many as are missing, or some more where labels will leave some out.
    private static func page(_ missing: Int, _ search: CollectorFind) -> Int {
        min(search.labels.labels.isEmpty ? missing : max(missing, leastFiltered), mostRead)
    }

    /// Objects in memory at a time.
    private static let mostRead = 1000
    private static let leastFiltered = 100

    /// Those that are wanted, at most so many of the newest, the oldest first.
    private static func told(
        _ items: [TimelineItem], _ search: CollectorFind, _ type: ProfileType?, _ namespace: String, most: Int
    ) -> CollectorRows {
        var told = CollectorRows()
        for item in items where told.count < most {
            guard let spec = CollectorSpec(item.members), let type = type ?? spec.decodedType else { continue }
            let key = ObjectKey(namespace: namespace, name: item.place.name)
            told.append(key, spec, at: item.place.moment, type: type, search)
        }
        told.reverse()
        return told
    }

    /// The types that are meant, each to be walked by itself; nil is all of them at once.
    private static func types(_ search: CollectorFind) -> [ProfileType?] {
        search.type == nil ? [nil] : ProfileType.allCases.filter(search.wants)
    }
}
