internal import APIMachinery
internal import ProfileStore

/// A store whose Profiles are those of a collector: their objects are mirrored in another store, their bytes read from the collector.
///
/// What the contract of stores asks for it does by the other store. What is different: the bytes of a profile that was not given to this
/// store itself come from the collector, in one piece; and while the collector is away, a profile that the mirror hasn't is not said to
/// be missing (`.sourceUnavailable`), since nobody knows. Deletions are not passed on, since a collector has none: the API refuses them.
struct CollectorStore: ForwardingStore {
    let base: any ObjectStore
    let freshness: MirrorFreshness
    let bytes: CollectorBytes

    func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        try known(try await base.get(resource, key), resource, key)
    }

    func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        try known(try await base.update(resource, key, change), resource, key)
    }

    func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        let gone = try await base.delete(resource, key, preconditions: preconditions)
        if resource == ProfilesGroup.profiles { bytes.forget(key) }
        return gone
    }

    func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? {
        if let own = try await base.payload(resource, key) { return own }
        return try await mirrored(resource, key)
    }

    func openPayload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> (any PayloadReader)? {
        if let own = try await base.openPayload(resource, key) { return own }
        return try await mirrored(resource, key).map { WholePayload($0) }
    }

    /// The bytes that the collector has of a profile.
    private func mirrored(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? {
        guard resource == ProfilesGroup.profiles, let profile = try await get(resource, key),
            ProfileRecord(profile) != nil
        else { return nil }
        return try await bytes.bytes(of: profile)
    }

    /// Nil only where the collector was asked.
    private func known(
        _ object: StoredObject?, _ resource: String, _ key: ObjectKey
    ) throws(StoreError) -> StoredObject? {
        if object == nil, resource == ProfilesGroup.profiles, let doubt = freshness.doubt("is a profile \(key.name)") {
            throw doubt
        }
        return object
    }
}
