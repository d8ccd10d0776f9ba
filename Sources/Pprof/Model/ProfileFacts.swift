/// What is measured and in what unit, as text (`profile.proto ValueType`), e.g. `cpu` in `nanoseconds`.
public struct ValueType: Sendable, Hashable {
    /// The kind of measurement, e.g. `inuse_space`.
    public let type: String
    /// The unit, e.g. `bytes`, `count`, `nanoseconds`.
    public let unit: String

    /// Both may be empty: producers do write such types.
    public init(type: String, unit: String) {
        self.type = type
        self.unit = unit
    }
}

/// One of a profile's sample types with the sum of its values over all samples.
public struct SampleTypeTotal: Sendable, Hashable {
    /// What is summed.
    public let valueType: ValueType
    /// The exact sum, or `Int64.min`/`Int64.max` where the sum doesn't fit 64 bits.
    public let total: Int64

    /// A total of `valueType`.
    public init(valueType: ValueType, total: Int64) {
        self.valueType = valueType
        self.total = total
    }
}

/// What the API tells of a profile without opening it again: the facts of `status`.
///
/// Read from a profile whose every index was checked. Text that isn't UTF-8 is repaired with U+FFFD.
public struct ProfileFacts: Sendable, Equatable {
    /// Number of `Profile.sample`.
    public let sampleCount: Int
    /// `Profile.duration_nanos`; 0 if not told. Not checked: may be negative.
    public let durationNanos: Int64
    /// `Profile.time_nanos`, nanoseconds since 1970 UTC; 0 if not told.
    public let timeNanos: Int64
    /// `Profile.period`, in units of `periodType`; 0 if not told.
    public let period: Int64
    /// `Profile.period_type`; nil if not told or both texts are empty.
    public let periodType: ValueType?
    /// `Profile.sample_type` in order, at least one, with totals.
    public let sampleTypes: [SampleTypeTotal]
    /// `Profile.default_sample_type`; nil if not told (then the last sample type is meant). May name no sample type.
    public let defaultSampleType: String?
    /// Size of the protobuf message in bytes, after gzip was undone; 0 for a profile that was computed and not read.
    public let unpackedBytes: Int
    /// Whether the bytes came in gzip.
    public let isGzipped: Bool

    /// The facts as given; nothing is checked.
    public init(
        sampleCount: Int, durationNanos: Int64, timeNanos: Int64, period: Int64, periodType: ValueType?,
        sampleTypes: [SampleTypeTotal], defaultSampleType: String?, unpackedBytes: Int, isGzipped: Bool
    ) {
        self.sampleCount = sampleCount
        self.durationNanos = durationNanos
        self.timeNanos = timeNanos
        self.period = period
        self.periodType = periodType
        self.sampleTypes = sampleTypes
        self.defaultSampleType = defaultSampleType
        self.unpackedBytes = unpackedBytes
        self.isGzipped = isGzipped
    }

    /// The sample type shown when nobody asks for another: `defaultSampleType` if it names one, else the last, as google/pprof does.
    public var shownSampleType: SampleTypeTotal? {
        if let name = defaultSampleType, let named = sampleTypes.first(where: { $0.valueType.type == name }) {
            return named
        }
        return sampleTypes.last
    }
}
