/// A profile whose every index and id was checked: columns of ids and values over one buffer of text.
///
/// There is no object per sample, and no String before one is asked for. Made only by `ProfileDecoder` and by operations on what it made,
/// so whoever has one can follow each index without a check of his own. An index belongs to the profile it was read from.
public struct ValidatedProfile: Sendable {
    /// The text of all names.
    public let strings: StringTable
    /// `Profile.sample_type`, at least one.
    public let sampleTypes: [ValueTypeIndexes]
    /// `Profile.sample`.
    public let samples: SampleColumns
    /// `Profile.location`.
    public let locations: LocationColumns
    /// `Profile.function`.
    public let functions: FunctionColumns
    /// `Profile.mapping`.
    public let mappings: MappingColumns
    /// The fields that are there once.
    public let header: ProfileHeader
    /// What the API tells of the profile.
    public let facts: ProfileFacts
}

/// `profile.proto ValueType` by index.
public struct ValueTypeIndexes: Sendable, Hashable {
    /// `ValueType.type`.
    public let type: StringIndex
    /// `ValueType.unit`.
    public let unit: StringIndex
}

/// The fields of `profile.proto Profile` that are there once, and its comments.
public struct ProfileHeader: Sendable, Hashable {
    /// `time_nanos`, nanoseconds since 1970 UTC.
    public internal(set) var timeNanos: Int64 = 0
    /// `duration_nanos`.
    public internal(set) var durationNanos: Int64 = 0
    /// `period_type`; nil if the field is absent.
    public internal(set) var periodType: ValueTypeIndexes?
    /// `period`.
    public internal(set) var period: Int64 = 0
    /// `default_sample_type`.
    public internal(set) var defaultSampleType: StringIndex = .empty
    /// `drop_frames`, a regular expression.
    public internal(set) var dropFrames: StringIndex = .empty
    /// `keep_frames`, a regular expression.
    public internal(set) var keepFrames: StringIndex = .empty
    /// `doc_url`.
    public internal(set) var docURL: StringIndex = .empty
    /// `comment` in order.
    public internal(set) var comments: [StringIndex] = []
}
