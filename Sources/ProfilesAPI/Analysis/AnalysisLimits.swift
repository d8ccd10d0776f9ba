internal import Pprof

/// How much of the server the analyses of profiles may take.
public struct AnalysisLimits: Sendable, Equatable {
    /// Analyses at a time; those above it are told to come back (429). Default 4.
    public var concurrent = 4
    /// Bytes of one stored profile as received; above it 413. Default 64 MiB.
    public var profileBytes = 64 << 20
    /// Memory in bytes of each of the three that an analysis holds at most: a profile's columns, the sum of a merge, the tree of
    /// its stacks; above it 413. Default 256 MiB.
    public var memoryBytes = 256 << 20
    /// Bytes of an answer; above it 413. Default 64 MiB.
    public var answerBytes = 64 << 20
    /// Frames that `maxNodes` may ask for in a flame graph. Default 100,000.
    public var mostNodes = 100_000
    /// Profiles that one merge may be asked for by `maxProfiles`. Default 5000.
    public var mostProfiles = 5000
    /// Profiles of a range that are looked at to choose from; above it 413. Default 100,000.
    public var mostMatches = 100_000
    /// How long profiles may be found, read and merged; then the answer is of those merged so far, with a Warning (504 for a
    /// strict request). Default 50 s; the request's own deadline counts too.
    public var mergeTime: Duration = .seconds(50)

    /// The defaults, to be changed field by field.
    public init() {}

    /// What a stored profile may be to be analysed; `stored` is what may be stored.
    func decoding(_ stored: DecodeLimits) -> DecodeLimits {
        var limits = stored
        limits.packedBytes = min(limits.packedBytes, profileBytes)
        limits.unpackedBytes = min(limits.unpackedBytes, memoryBytes)
        limits.columnBytes = min(limits.columnBytes, memoryBytes)
        return limits
    }

    /// What the sum of a merge may be.
    var merge: MergeLimits {
        var limits = MergeLimits()
        limits.bytes = min(limits.bytes, memoryBytes)
        return limits
    }
}
