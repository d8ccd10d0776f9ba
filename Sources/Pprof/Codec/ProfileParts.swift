/// The columns while they are read or computed; whoever makes a profile of them has checked every index.
struct ProfileParts {
    var strings: [Extent] = []
    var sampleTypes: [ValueTypeIndexes] = []
    var samples = SampleColumns()
    var locations = LocationColumns()
    var functions = FunctionColumns()
    var mappings = MappingColumns()
    var header = ProfileHeader()
}

extension ValidatedProfile {
    /// `message` is what the strings are extents of; `unpackedBytes` is 0 for a profile that no message was read for.
    init(_ parts: ProfileParts, message: [UInt8], unpackedBytes: Int = 0, isGzipped: Bool = false) {
        let strings = StringTable(message: message, extents: parts.strings)
        self.init(
            strings: strings, sampleTypes: parts.sampleTypes, samples: parts.samples, locations: parts.locations,
            functions: parts.functions, mappings: parts.mappings, header: parts.header,
            facts: ProfileFacts(parts, strings, unpackedBytes: unpackedBytes, isGzipped: isGzipped))
    }

    /// The columns of this profile, to make another of the same text.
    var parts: ProfileParts {
        ProfileParts(
            strings: strings.extents, sampleTypes: sampleTypes, samples: samples, locations: locations,
            functions: functions, mappings: mappings, header: header)
    }

    /// A profile of the same text with other columns.
    func with(_ change: (inout ProfileParts) -> Void) -> ValidatedProfile {
        var parts = self.parts
        change(&parts)
        return ValidatedProfile(parts, message: strings.message)
    }
}

extension ProfileFacts {
    init(_ parts: ProfileParts, _ strings: StringTable, unpackedBytes: Int, isGzipped: Bool) {
        let header = parts.header
        let totals = parts.samples.totals()
        let periodType = header.periodType.map { ValueType(type: strings[$0.type], unit: strings[$0.unit]) }
        self.init(
            sampleCount: parts.samples.count, durationNanos: header.durationNanos, timeNanos: header.timeNanos,
            period: header.period,
            periodType: periodType == ValueType(type: "", unit: "") ? nil : periodType,
            sampleTypes: zip(parts.sampleTypes, totals).map { type, total in
                SampleTypeTotal(valueType: ValueType(type: strings[type.type], unit: strings[type.unit]), total: total)
            },
            defaultSampleType: header.defaultSampleType.isEmpty ? nil : strings[header.defaultSampleType],
            unpackedBytes: unpackedBytes, isGzipped: isGzipped)
    }
}
