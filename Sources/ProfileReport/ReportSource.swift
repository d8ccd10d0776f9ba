internal import Pprof

/// A profile made ready for reports: dropped frames and filters applied, one sample type chosen, the total taken.
struct ReportSource: Sendable {
    /// After `drop_frames` and the filters.
    let profile: ValidatedProfile
    /// The sample type that the report is of.
    let sampleIndex: Int
    /// Its type and unit.
    let valueType: ValueType
    /// The sum of the absolute values before the filters; of the base's samples only, where there are such.
    let total: Int64
    let frames: FrameTable
    let options: ReportOptions

    /// - Throws: `unknownSampleIndex`, `badFilter` for one that takes too long.
    init(_ profile: ValidatedProfile, _ options: ReportOptions) throws(ReportError) {
        sampleIndex = try Self.sampleIndex(profile, options.sampleIndex)
        valueType = profile.facts.sampleTypes[sampleIndex].valueType
        do throws(PprofError) {
            let pruned = try profile.withoutDroppedFrames(budget: options.budget)
            total = Self.total(pruned, sampleIndex)
            self.profile = try pruned.filtered(by: options.filter, budget: options.budget)
        } catch {
            throw ReportError(.badFilter, "\(error)")
        }
        frames = FrameTable(self.profile, options.granularity)
        self.options = options
    }

    /// As google/pprof's `SampleIndexByName`: a number, a type, or `inuse_` and a type.
    private static func sampleIndex(_ profile: ValidatedProfile, _ wanted: String?) throws(ReportError) -> Int {
        let types = profile.facts.sampleTypes.map(\.valueType.type)
        guard let wanted, !wanted.isEmpty else {
            if let name = profile.facts.defaultSampleType, let index = types.firstIndex(of: name) { return index }
            return types.count - 1
        }
        if let number = Int(wanted) {
            guard types.indices.contains(number) else {
                throw ReportError(
                    .unknownSampleIndex,
                    "sampleIndex \(number) is out of range: the profile has 0 to \(types.count - 1) (\(types.joined(separator: ", ")))"
                )
            }
            return number
        }
        let plain = wanted.hasPrefix("inuse_") ? String(wanted.dropFirst("inuse_".count)) : wanted
        if let index = types.firstIndex(where: { $0 == wanted || $0 == plain }) { return index }
        throw ReportError(
            .unknownSampleIndex,
            "the profile has no sample type \"\(wanted.prefix(80))\"; it has \(types.joined(separator: ", "))")
    }

    private static func total(_ profile: ValidatedProfile, _ sampleIndex: Int) -> Int64 {
        let isBase = profile.baseSamples()
        var total: Int64 = 0
        var baseTotal: Int64 = 0
        for row in 0..<profile.samples.count {
            let value = profile.samples.values[row * profile.samples.valuesPerSample + sampleIndex]
            let size = value < 0 ? 0 &- value : value
            total &+= size
            if isBase[row] { baseTotal &+= size }
        }
        return baseTotal > 0 ? baseTotal : total
    }

    /// The value of sample `row`.
    func value(_ row: Int) -> Int64 {
        profile.samples.values[row * profile.samples.valuesPerSample + sampleIndex]
    }
}

extension ValidatedProfile {
    /// Which samples come from the base of a difference: those with the label `pprof::base` = `true`.
    func baseSamples() -> [Bool] {
        guard !samples.labels.isEmpty, let key = index(of: "pprof::base"), let yes = index(of: "true") else {
            return [Bool](repeating: false, count: samples.count)
        }
        return (0..<samples.count).map { row in
            samples.labels(of: row).contains { key.contains($0.key) && yes.contains($0.text) }
        }
    }

    /// The places of a text in the string table, which may have it more than once.
    private func index(of text: String) -> Set<StringIndex>? {
        let found = Set(strings.indexes.filter { strings.bytes($0).elementsEqual(text.utf8) })
        return found.isEmpty ? nil : found
    }
}
