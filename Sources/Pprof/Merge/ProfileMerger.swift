/// Adds profiles up, one at a time: the memory is the result's, and the one profile's that is being added.
///
/// The rules are google/pprof's `profile.Merge`: profiles must have equal sample types and period types; samples of one
/// stack with the same labels become one with summed values; samples whose values are all 0 are left out, and so is what
/// nobody refers to; mappings are normalized (see `SymbolMerge`). Merging is associative but for the order of the rows and
/// what is taken from the first profile. Differences: the time is the earliest *that is told* (a profile without time
/// doesn't reset it), and lines of inlined calls are told apart by all their columns.
///
/// ```swift
/// var merger = ProfileMerger()
/// for bytes in stored { try merger.add(ProfileDecoder().decode(bytes)) }
/// let packed = try merger.finish().gzipped()
/// ```
public struct ProfileMerger: Sendable {
    /// Number of profiles added.
    public private(set) var count = 0

    private let limits: MergeLimits
    private let seed: UInt64
    private var symbols: SymbolMerge
    private var samples: SampleMerge?
    private var headers: HeaderMerge?

    /// An empty sum.
    public init(limits: MergeLimits = MergeLimits()) {
        self.limits = limits
        seed = .random(in: .min ... .max)
        symbols = SymbolMerge(seed: seed)
    }

    /// Adds a profile.
    ///
    /// - Throws: `incompatible`, after which the sum is as before; `limitExceeded`, after which it is of no use.
    public mutating func add(_ profile: ValidatedProfile) throws(PprofError) {
        try add(profile, SampleChange())
    }

    /// Adds a profile whose samples are changed on the way.
    mutating func add(_ profile: ValidatedProfile, _ change: SampleChange) throws(PprofError) {
        var tables = SourceTables(profile)
        if let headers { try headers.check(profile) }
        var headers = self.headers ?? HeaderMerge(profile, &symbols, &tables)
        headers.add(profile, &symbols, &tables)
        self.headers = headers
        // The first mapping is the main binary; so it is taken before the samples bring others.
        if symbols.mappings.count == 0, profile.mappings.count > 0 {
            _ = symbols.mapping(MappingIndex(0), profile, &tables)
        }
        var samples = self.samples.take() ?? SampleMerge(valuesPerSample: profile.sampleTypes.count, seed: seed)
        try add(profile, change, &samples, &tables)
        self.samples = samples
        count += 1
    }

    private mutating func add(
        _ profile: ValidatedProfile, _ change: SampleChange, _ samples: inout SampleMerge, _ tables: inout SourceTables
    ) throws(PprofError) {
        let isPlain = change.isNothing
        let addedLabel = change.label.map { text in
            SampleLabel(key: symbols.string(text.key), text: symbols.string(text.value), number: 0, unit: .empty)
        }
        for row in 0..<profile.samples.count {
            let values = profile.samples.values(of: row)
            if isPlain {
                guard values.contains(where: { $0 != 0 }) else { continue }
                map(profile, row, &samples, &tables, label: nil)
                samples.finish(values: values)
            } else {
                guard let changed = change.values(values), changed.contains(where: { $0 != 0 }) else { continue }
                map(profile, row, &samples, &tables, label: addedLabel)
                samples.finish(values: changed)
            }
            if row & 0x3ff == 0x3ff { try checkLimits(samples) }
        }
        try checkLimits(samples)
    }

    private mutating func map(
        _ profile: ValidatedProfile, _ row: Int, _ samples: inout SampleMerge, _ tables: inout SourceTables,
        label added: SampleLabel?
    ) {
        let stack = profile.samples.stack(of: row)
        for location in stack where tables.locations[Int(location.rawValue)] == SourceTables.unmapped {
            symbols.addLocation(location, profile, &tables)
        }
        samples.begin(stack, tables.locations)
        for label in profile.samples.labels(of: row) {
            let label = SampleLabel(
                key: symbols.string(label.key, profile, &tables), text: symbols.string(label.text, profile, &tables),
                number: label.number, unit: symbols.string(label.unit, profile, &tables))
            if let added, !label.isNumeric, label.key == added.key { continue }
            samples.append(label)
        }
        if let added { samples.append(added) }
    }

    private func checkLimits(_ samples: SampleMerge) throws(PprofError) {
        guard samples.columns.count <= limits.samples else {
            throw PprofError(
                .limitExceeded, field: "Profile.sample",
                "the merge has more than \(limits.samples) samples, which is the limit")
        }
        let bytes = symbols.byteCount + samples.byteCount
        guard bytes <= limits.bytes, symbols.strings.bytes.count < Int(UInt32.max) else {
            throw PprofError(
                .limitExceeded, "the merge takes more than \(limits.bytes) bytes of memory, which is the limit")
        }
    }

    /// The sum. Samples that became 0 are left out with all that only they referred to.
    ///
    /// - Throws: `nothingToMerge` if no profile was added.
    public consuming func finish() throws(PprofError) -> ValidatedProfile {
        guard let headers, let samples else { throw PprofError(.nothingToMerge, "no profile to merge") }
        var parts = ProfileParts()
        parts.strings = symbols.strings.extents
        parts.sampleTypes = headers.sampleTypes
        parts.samples = samples.columns
        parts.locations = symbols.locations
        parts.functions = symbols.functions
        parts.mappings = symbols.mappings
        parts.header = headers.header
        let merged = ValidatedProfile(parts, message: symbols.strings.bytes)
        guard merged.samples.hasZeroSample else { return merged }
        var compact = ProfileMerger(limits: limits)
        try compact.add(merged)
        return try compact.finish()
    }
}

extension SampleColumns {
    /// Whether all values of a sample are 0.
    fileprivate var hasZeroSample: Bool {
        (0..<count).contains { row in values(of: row).allSatisfy { $0 == 0 } }
    }
}
