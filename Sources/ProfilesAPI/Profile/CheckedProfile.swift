internal import Digests
internal import Pprof
internal import ProfileStore

/// The bytes of a profile that were looked at: they are what their type says.
struct CheckedProfile: Sendable {
    /// As received, gzipped or not.
    let bytes: [UInt8]
    /// Of ``bytes``, lower-case hex.
    let sha256: String
    /// nil for a trace, which stays opaque.
    let facts: ProfileFacts?

    /// Checks the bytes of a profile of `type`, off the caller's executor: inflating and decoding take some 100 µs.
    ///
    /// - Throws: ``ProfileFault`` with the place of the fault; a trace must begin as Go's execution traces do.
    @concurrent
    static func check(_ bytes: [UInt8], _ type: ProfileType, _ decoder: ProfileDecoder) async throws(ProfileFault) -> Self {
        guard type.isPprof else {
            try ExecutionTrace.check(bytes)
            return CheckedProfile(bytes: bytes, facts: nil)
        }
        do throws(PprofError) {
            return CheckedProfile(bytes: bytes, facts: try decoder.facts(of: bytes))
        } catch {
            throw ProfileFault(error)
        }
    }

    /// Bytes that were checked already.
    init(bytes: [UInt8], facts: ProfileFacts?) {
        self.bytes = bytes
        sha256 = SHA256.hex(bytes)
        self.facts = facts
    }
}
