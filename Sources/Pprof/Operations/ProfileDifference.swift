/// How two profiles are subtracted.
public struct DifferenceOptions: Sendable, Equatable {
    /// Whether the profile's values are scaled first to have the base's sums, type by type (`go tool pprof -normalize`).
    public var normalize = false
    /// Whether the base's samples keep apart with the label `pprof::base` = `true` (`-diff_base`), so that a report gives its
    /// percentages of the base; else they are subtracted where stack and labels agree (`-base`).
    public var labelsBase = true

    /// The defaults, to be changed field by field.
    public init() {}
}

extension ValidatedProfile {
    /// This profile minus `base`: base samples come with changed signs.
    ///
    /// - Throws: `incompatible` if sample types or period types differ; `limitExceeded`.
    public func subtracting(
        _ base: ValidatedProfile, _ options: DifferenceOptions = DifferenceOptions(),
        limits: MergeLimits = MergeLimits()
    ) throws(PprofError) -> ValidatedProfile {
        try ProfileValueTypes(self).check(ProfileValueTypes(base))
        var merger = ProfileMerger(limits: limits)
        var own = SampleChange()
        if options.normalize { own.factors = normalizingFactors(base) }
        try merger.add(self, own)
        try merger.add(base, SampleChange(isNegated: true, label: options.labelsBase ? ("pprof::base", "true") : nil))
        return try merger.finish()
    }

    /// This profile with its values times `factors`, one for each sample type; samples that become 0 are left out, as
    /// google/pprof's `ScaleN` leaves them, and so is what nobody refers to any more.
    ///
    /// - Throws: `valueCountMismatch` if there are more or fewer factors than sample types.
    public func scaled(by factors: [Double]) throws(PprofError) -> ValidatedProfile {
        guard factors.count == sampleTypes.count else {
            throw PprofError(
                .valueCountMismatch, "\(factors.count) factors; the profile has \(sampleTypes.count) sample types")
        }
        var merger = ProfileMerger()
        try merger.add(self, SampleChange(factors: factors))
        return try merger.finish()
    }

    private func normalizingFactors(_ base: ValidatedProfile) -> [Double] {
        zip(facts.sampleTypes, base.facts.sampleTypes).map { own, base in
            own.total == 0 ? 0 : Double(base.total) / Double(own.total)
        }
    }
}
