internal import Digests
internal import Pprof
internal import ProfileStore

/// What is known of the bytes of a profile once they were looked at.
struct ProfileContent: Sendable {
    /// Bytes as received.
    let size: Int
    /// Of the bytes, lower-case hex.
    let sha256: String
    /// nil for a trace, which stays opaque.
    let facts: ProfileFacts?
}

/// The bytes of a profile that were looked at: they are what their type says.
struct CheckedProfile: Sendable {
    /// As received, gzipped or not.
    let bytes: [UInt8]
    /// What they say.
    let content: ProfileContent

    /// Checks the bytes of a profile of `type`: inflating and decoding take some 100 µs, so not on an event loop.
    ///
    /// - Throws: ``ProfileFault`` with the place of the fault. Of a trace only the size counts: it is opaque.
    static func check(_ bytes: [UInt8], _ type: ProfileType, _ decoder: ProfileDecoder) throws(ProfileFault) -> Self {
        guard !bytes.isEmpty else { throw ProfileFault(place: "profile", "the profile has no bytes") }
        guard type.isPprof else { return CheckedProfile(bytes: bytes, facts: nil) }
        do throws(PprofError) {
            return CheckedProfile(bytes: bytes, facts: try decoder.facts(of: bytes))
        } catch {
            throw ProfileFault(error)
        }
    }

    /// The same of bytes in base64.
    static func check(
        base64 text: String, _ type: ProfileType, _ decoder: ProfileDecoder
    ) throws(ProfileFault) -> Self {
        guard let bytes = Base64.decode(text) else {
            throw ProfileFault(place: "base64", "must be base64 (RFC 4648 §4)")
        }
        return try check(bytes, type, decoder)
    }

    /// Bytes that were checked already.
    init(bytes: [UInt8], facts: ProfileFacts?) {
        self.bytes = bytes
        content = ProfileContent(size: bytes.count, sha256: SHA256.hex(bytes), facts: facts)
    }
}
