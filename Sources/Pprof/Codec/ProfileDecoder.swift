/// Reads `profile.proto` out of gzip or plain bytes and checks every index.
public struct ProfileDecoder: Sendable {
    private let limits: DecodeLimits

    /// A decoder that refuses what is above `limits`.
    public init(limits: DecodeLimits = .default) { self.limits = limits }

    /// The profile in columns.
    public func decode(_ bytes: [UInt8]) throws(PprofError) -> ValidatedProfile {
        throw PprofError(.notAProfile, "not yet built")
    }

    /// The facts of a profile, all of it validated, nothing kept.
    public func facts(of bytes: [UInt8]) throws(PprofError) -> ProfileFacts {
        try decode(bytes).facts
    }
}
