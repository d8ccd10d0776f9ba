internal import APIMachinery
internal import HTTPTransport
internal import Pprof
internal import ProfileStore

/// The one way of a profile into the store; every way in comes through here.
struct ProfileWriter: Sendable {
    let store: any ObjectStore
    let decoder: ProfileDecoder
    /// The time of receipt.
    let now: @Sendable () -> Timestamp
    /// What keeps the bytes and names the profiles; nil where the store does.
    var archive: (any ProfileArchive)?

    /// A profile in the store.
    struct Written: Sendable {
        let name: String
        let object: EncodedObject
    }

    /// Checks the bytes of a profile of `type`.
    ///
    /// - Throws: ``ProfileFault`` with the place of the fault.
    func check(_ bytes: [UInt8], _ type: ProfileType) async throws(ProfileFault) -> CheckedProfile {
        try await offEventLoop { () throws(ProfileFault) in try CheckedProfile.check(bytes, type, decoder) }
    }

    /// The same of bytes in base64.
    func check(base64 text: String, _ type: ProfileType) async throws(ProfileFault) -> CheckedProfile {
        try await offEventLoop { () throws(ProfileFault) in try CheckedProfile.check(base64: text, type, decoder) }
    }

    /// Stores a checked profile; returns when it is durable. A dry run stores nothing.
    func write(_ origin: ProfileOrigin, _ profile: CheckedProfile, dryRun: Bool = false) async throws(StoreError)
        -> Written
    {
        let record = ProfileRecord(origin, profile, now: now())
        let name = record.metadata.name
        if dryRun { return Written(name: name, object: record.dryRun) }
        guard let archive else { return Written(name: name, object: try await store.create(record.draft).object) }
        let kept = try await archive.keep(record)
        return Written(name: kept.metadata.name, object: try await put(kept).object)
    }

    /// Stores what the archive has; the mirror may have seen it there already, and knows less of it.
    private func put(_ kept: ProfileRecord) async throws(StoreError) -> StoredObject {
        let draft = kept.draft
        do throws(StoreError) {
            return try await store.create(draft)
        } catch {
            guard error.code == .alreadyExists else { throw error }
        }
        let replaced = try await store.update(draft.resource, draft.key) { _ throws(StoreError) in .replace(draft) }
        guard let replaced else { return try await store.create(draft) }
        return replaced
    }
}
