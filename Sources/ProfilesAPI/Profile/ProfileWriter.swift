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
        let object = dryRun ? record.dryRun : try await store.create(record.draft).object
        return Written(name: record.metadata.name, object: object)
    }
}
