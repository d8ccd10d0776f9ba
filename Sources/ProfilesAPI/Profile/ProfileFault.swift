internal import Pprof

/// Why bytes are no profile of their type: where, and what is wrong. Answered with 422.
struct ProfileFault: Error, CustomStringConvertible {
    /// The field of profile.proto, or the part of the file.
    let place: String
    /// With the value and the limit.
    let description: String
    /// Whether it is only too large, packed or unpacked.
    var isTooLarge = false

    init(place: String, _ description: String) {
        self.place = place
        self.description = description
    }

    init(_ error: PprofError) {
        self.init(place: error.field, error.description)
        isTooLarge = [.packedTooLarge, .unpackedTooLarge, .limitExceeded].contains(error.code)
    }
}
