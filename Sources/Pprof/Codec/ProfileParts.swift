/// The columns while they are read.
struct ProfileParts {
    var strings: [Extent] = []
    var sampleTypes: [ValueTypeIndexes] = []
    var samples = SampleColumns()
    var locations = LocationColumns()
    var functions = FunctionColumns()
    var mappings = MappingColumns()
    var header = ProfileHeader()
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
