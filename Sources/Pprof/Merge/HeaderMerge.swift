/// The fields of a merge that are there once, by google/pprof's rules.
///
/// Sample types, period type, `drop_frames` and `keep_frames` are the first profile's; period is the highest, time the
/// earliest that is told, durations are summed, comments are united in order, of `default_sample_type` and `doc_url` the
/// first that is told counts.
struct HeaderMerge {
    private(set) var sampleTypes: [ValueTypeIndexes]
    private(set) var header = ProfileHeader()
    /// What every further profile must have.
    private let types: ProfileValueTypes

    init(_ first: ValidatedProfile, _ symbols: inout SymbolMerge, _ tables: inout SourceTables) {
        types = ProfileValueTypes(first)
        sampleTypes = first.sampleTypes.map { type in
            ValueTypeIndexes(
                type: symbols.string(type.type, first, &tables), unit: symbols.string(type.unit, first, &tables))
        }
        header.periodType = first.header.periodType.map { type in
            ValueTypeIndexes(
                type: symbols.string(type.type, first, &tables), unit: symbols.string(type.unit, first, &tables))
        }
        header.dropFrames = symbols.string(first.header.dropFrames, first, &tables)
        header.keepFrames = symbols.string(first.header.keepFrames, first, &tables)
    }

    /// - Throws: `incompatible`.
    func check(_ profile: ValidatedProfile) throws(PprofError) {
        try types.check(ProfileValueTypes(profile))
    }

    mutating func add(_ profile: ValidatedProfile, _ symbols: inout SymbolMerge, _ tables: inout SourceTables) {
        let added = profile.header
        if added.timeNanos != 0, header.timeNanos == 0 || added.timeNanos < header.timeNanos {
            header.timeNanos = added.timeNanos
        }
        let (duration, overflow) = header.durationNanos.addingReportingOverflow(added.durationNanos)
        header.durationNanos = overflow ? (added.durationNanos < 0 ? .min : .max) : duration
        if header.period == 0 || header.period < added.period { header.period = added.period }
        for comment in added.comments {
            let comment = symbols.string(comment, profile, &tables)
            // At most `DecodeLimits.comments` a profile, so few that a set would cost more.
            if !header.comments.contains(comment) { header.comments.append(comment) }
        }
        if header.defaultSampleType.isEmpty {
            header.defaultSampleType = symbols.string(added.defaultSampleType, profile, &tables)
        }
        if header.docURL.isEmpty { header.docURL = symbols.string(added.docURL, profile, &tables) }
    }
}

/// The types that two profiles must share to be merged.
struct ProfileValueTypes {
    let samples: [ValueType]
    /// Both texts empty where the field is absent, which google/pprof takes for the same.
    let period: ValueType

    init(_ profile: ValidatedProfile) {
        samples = profile.facts.sampleTypes.map(\.valueType)
        period = profile.facts.periodType ?? ValueType(type: "", unit: "")
    }

    func check(_ other: ProfileValueTypes) throws(PprofError) {
        guard period == other.period else {
            throw PprofError(
                .incompatible, field: "Profile.period_type",
                "the profiles have different period types: \(Self.text([period])) and \(Self.text([other.period]))")
        }
        guard samples == other.samples else {
            throw PprofError(
                .incompatible, field: "Profile.sample_type",
                "the profiles have different sample types: \(Self.text(samples)) and \(Self.text(other.samples))")
        }
    }

    private static func text(_ types: [ValueType]) -> String {
        types.map { "\($0.type)/\($0.unit)" }.joined(separator: ", ")
    }
}
