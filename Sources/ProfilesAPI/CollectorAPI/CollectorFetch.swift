internal import APIMachinery
internal import APIServer
internal import NIOConcurrencyHelpers
internal import ProfefeCollector
internal import ProfileStore

/// Finds profiles by their ids: a profile is in some namespace, and ids don't say which.
///
/// An id must be whole: profefe takes the beginning of one, and answers with somebody's profile.
struct CollectorFetch: Sendable {
    let store: any ObjectStore
    let services: ServiceIndex
    let readable: ReadableNamespaces
    /// Where profiles were found; bounded: emptied when full.
    private let known = NIOLockedValueBox<[String: String]>([:])

    private static let mostKnown = 65_536

    init(store: any ObjectStore, services: ServiceIndex, readable: ReadableNamespaces) {
        self.store = store
        self.services = services
        self.readable = readable
    }

    /// The ids of a path that was decoded once: decoded once more, then cut at each `+` (profefe `profile.SplitIDs`).
    ///
    /// - Throws: 400 for a broken escape and for an empty id.
    static func ids(_ path: String) throws(StatusError) -> [String] {
        guard let text = PercentDecoding.decodeExactly(path) else {
            throw .badRequest("invalid URL escape in \(CollectorParameters.shown(path))")
        }
        let ids = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        if let place = ids.firstIndex(of: "") {
            throw .badRequest("could not split \(CollectorParameters.shown(text)): empty id at \(place)")
        }
        return ids
    }

    /// Where the profile is that has the id; nil without one that `user` may read.
    func find(_ id: String, for user: UserInfo) async throws -> ObjectKey? {
        guard let id = CollectorID(id) else { return nil }
        if let namespace = known.withLockedValue({ $0[id.xid] }),
            let key = try await key(id, in: namespace, user)
        {
            return key
        }
        let namespaces = try await StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles)).during {
            () throws(StoreError) in
            try await services.read { book in book.namespaces }
        }
        for namespace in namespaces {
            guard let key = try await key(id, in: namespace, user) else { continue }
            remember(key)
            return key
        }
        return nil
    }

    /// The profile of that name, if it is at hand and nobody has to be asked for the right to read it.
    func findAtOnce(_ name: String, for user: UserInfo) -> StoredObject? {
        guard let namespace = known.withLockedValue({ $0[name] }),
            let stored = store.cached(ProfilesGroup.profiles, ObjectKey(namespace: namespace, name: name)),
            readable.mayAtOnce(user, "get", ProfilesGroup.profiles, in: namespace, name: name) == true
        else { return nil }
        return stored
    }

    /// Remembers where a profile is that was just made.
    func remember(_ key: ObjectKey) {
        known.withLockedValue { known in
            if known.count >= Self.mostKnown { known.removeAll(keepingCapacity: true) }
            known[key.name] = key.namespace
        }
    }

    private func key(_ id: CollectorID, in namespace: String, _ user: UserInfo) async throws -> ObjectKey? {
        let key = ObjectKey(namespace: namespace, name: id.xid)
        let resource = ProfilesGroup.resource(ProfilesGroup.profiles)
        let stored = try await StoreFailure(resource).during { () throws(StoreError) in
            if let hit = store.cached(ProfilesGroup.profiles, key) { return hit as StoredObject? }
            return try await store.get(ProfilesGroup.profiles, key)
        }
        guard let stored, id.text == id.xid || CollectorSpec(stored.object)?.decodedID == id.text else { return nil }
        let may = try await readable.may(user, "get", ProfilesGroup.profiles, in: namespace, name: id.xid)
        return may ? key : nil
    }
}

extension ServiceBook {
    /// Those that have a profile, in order, each once.
    var namespaces: [String] {
        var namespaces: [String] = []
        for service in services where service.namespace != namespaces.last { namespaces.append(service.namespace) }
        return namespaces
    }
}
