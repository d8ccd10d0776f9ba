internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import Pprof
internal import ProfileStore

/// The profiles of the store, read for analyses: within their limits, and decoded off the event loop.
struct StoredProfiles: Sendable {
    let store: any ObjectStore
    let decoder: ProfileDecoder
    let gate: AnalysisGate
    /// How new the mirror is of which these are; nil for profiles of the store's own.
    var freshness: MirrorFreshness?

    var limits: AnalysisLimits { gate.limits }

    /// Calls `body` with each profile that matches, in the order of names, a page in memory at a time.
    ///
    /// - Throws: 413 if more match than are looked at.
    func forEach(
        _ namespace: String, _ fields: [FieldSelector.Requirement], _ labels: LabelSelector = .everything,
        _ body: (StoredObject) -> Void
    ) async throws(StatusError) {
        var query = ObjectQuery(
            resource: ProfilesGroup.profiles, namespace: namespace, labelSelector: labels,
            fieldSelector: FieldSelector(fields), limit: 500)
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles))
        var count = 0
        while true {
            let asked = query
            let page = try await failure.during { () throws(StoreError) in try await store.page(asked) }
            count += page.items.count
            guard count <= limits.mostMatches else {
                throw .requestEntityTooLarge(
                    "more than \(limits.mostMatches) profiles match, which is the limit; ask for a shorter time")
            }
            page.items.forEach(body)
            guard page.more, let last = page.items.last else { return }
            query.after = last.key
            query.snapshot = page.snapshot
        }
    }

    /// Says how old the profiles are, where they may not be those that there are now; as lists say it.
    func warn(_ request: AuthorizedRequest) {
        if let caution = freshness?.caution { request.warnings.add(caution) }
    }

    /// What is answered where nothing was found: that there is nothing is not said while nobody knows.
    func absence(_ refusal: StatusError) -> StatusError {
        guard let doubt = freshness?.doubt("are such profiles") else { return refusal }
        return StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles)).statusError(doubt)
    }

    /// The object of a profile or a capture; 404 without one.
    func object(_ resource: String, _ key: ObjectKey) async throws(StatusError) -> StoredObject {
        let failure = StoreFailure(ProfilesGroup.resource(resource), name: key.name)
        let found = try await failure.during { () throws(StoreError) in try await store.get(resource, key) }
        guard let found else { throw .notFound(ProfilesGroup.resource(resource), name: key.name) }
        return found
    }

    /// A profile's bytes as they were received; nil if it is gone.
    ///
    /// - Throws: 413 for one that is too large; it is not read then.
    func bytes(_ key: ObjectKey, size: Int) async throws(StatusError) -> [UInt8]? {
        try check(size, key)
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.profiles), name: key.name)
        let bytes = try await failure.during { () throws(StoreError) in
            try await store.payload(ProfilesGroup.profiles, key)
        }
        // Of a mirrored profile that nobody has read the size was not known before.
        if let bytes { try check(bytes.count, key) }
        return bytes
    }

    private func check(_ size: Int, _ key: ObjectKey) throws(StatusError) {
        guard size <= limits.profileBytes else {
            throw .requestEntityTooLarge(
                "profile \(key.name) has \(size) bytes; the limit of an analysis is \(limits.profileBytes)")
        }
    }
}

extension StoredObject {
    /// Bytes of a profile as received; 0 where nobody knows yet.
    var size: Int { fields[ProfileRecord.sizeField].flatMap { Int($0) } ?? 0 }
}
