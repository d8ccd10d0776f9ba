/// What a decoder takes at most; everything above is refused before memory is spent on it.
public struct DecodeLimits: Sendable, Equatable {
    /// Bytes as given, in gzip or plain. Default 64 MiB.
    public var packedBytes = 64 << 20
    /// Bytes of the message after inflating; never more than 4 GiB. Default 256 MiB.
    public var unpackedBytes = 256 << 20
    /// Memory of the decoded columns in bytes, string text excluded. Default 512 MiB.
    public var columnBytes = 512 << 20
    /// Entries of `string_table`. Default 4 Mi.
    public var strings = 4 << 20
    /// Bytes of one string. Default 1 MiB.
    public var stringBytes = 1 << 20
    /// Number of `sample_type`. Default 64.
    public var sampleTypes = 64
    /// Number of `sample`. Default 4 Mi.
    public var samples = 4 << 20
    /// Number of `location`. Default 4 Mi.
    public var locations = 4 << 20
    /// Number of `function`. Default 2 Mi.
    public var functions = 2 << 20
    /// Number of `mapping`. Default 64 Ki.
    public var mappings = 64 << 10
    /// `Sample.location_id` of one sample. Default 8192; Go writes at most 1024.
    public var stackDepth = 8192
    /// `Sample.label` of one sample. Default 256.
    public var labelsPerSample = 256
    /// `Location.line` of one location, that is the depth of inlining. Default 1024.
    public var linesPerLocation = 1024
    /// Number of `comment`. Default 4096.
    public var comments = 4096

    /// The defaults, to be changed field by field.
    public init() {}

    /// The defaults.
    public static let `default` = DecodeLimits()
}
