/// Which samples and frames a report is of, as `go tool pprof`'s options of the same names mean it.
///
/// Each is matched against the names and the file names of a location's functions and its mapping's file.
public struct FrameFilter: Sendable {
    /// Keeps only samples with a frame that matches.
    public var focus: FramePattern?
    /// Drops samples with a frame that matches.
    public var ignore: FramePattern?
    /// Takes matching frames out of their stacks; the sample is dropped if none is left.
    public var hide: FramePattern?
    /// Takes all other frames out of their stacks; the sample is dropped if none is left.
    public var show: FramePattern?

    /// Without patterns everything stays.
    public init(
        focus: FramePattern? = nil, ignore: FramePattern? = nil, hide: FramePattern? = nil, show: FramePattern? = nil
    ) {
        self.focus = focus
        self.ignore = ignore
        self.hide = hide
        self.show = show
    }

    /// Whether everything stays.
    public var isEmpty: Bool { focus == nil && ignore == nil && hide == nil && show == nil }
}

extension ValidatedProfile {
    /// The profile of the samples and frames that `filter` leaves (google/pprof `FilterSamplesByName`).
    ///
    /// Locations, functions and mappings keep their ids and places, and stay even if no sample refers to them.
    ///
    /// - Throws: `patternTooCostly`.
    public func filtered(by filter: FrameFilter, budget: MatchBudget = MatchBudget()) throws(PprofError)
        -> ValidatedProfile
    {
        guard !filter.isEmpty else { return self }
        var verdicts = [FrameVerdict](repeating: FrameVerdict(), count: locations.count)
        try markSamples(filter, budget, &verdicts)
        let locations = try removeLines(filter, budget, &verdicts)
        let samples = self.samples.keeping(verdicts)
        return with { parts in
            parts.locations = locations
            parts.samples = samples
        }
    }

    private func markSamples(
        _ filter: FrameFilter, _ budget: MatchBudget, _ verdicts: inout [FrameVerdict]
    ) throws(PprofError) {
        if let ignore = filter.ignore {
            var frames = try FrameMatcher(ignore, self, budget)
            for row in verdicts.indices where try frames.matchesLocation(row) { verdicts[row].insert(.ignored) }
        }
        guard let focus = filter.focus else {
            for row in verdicts.indices { verdicts[row].insert(.focused) }
            return
        }
        var frames = try FrameMatcher(focus, self, budget)
        for row in verdicts.indices where try frames.matchesLocation(row) { verdicts[row].insert(.focused) }
    }

    private func removeLines(
        _ filter: FrameFilter, _ budget: MatchBudget, _ verdicts: inout [FrameVerdict]
    ) throws(PprofError) -> LocationColumns {
        var locations = self.locations
        for (pattern, keepsMatching) in [(filter.hide, false), (filter.show, true)] {
            guard let pattern else { continue }
            var frames = try FrameMatcher(pattern, self, budget)
            var lines: [LocationLine] = []
            lines.reserveCapacity(locations.lines.count)
            var starts: [UInt32] = [0]
            starts.reserveCapacity(locations.count + 1)
            for row in verdicts.indices {
                let old = locations.lines(of: LocationIndex(UInt32(truncatingIfNeeded: row)))
                let before = lines.count
                let isWholeMatch = try frames.matchesMapping(row)
                for line in old {
                    var matches = isWholeMatch
                    if !matches { matches = try frames.matchesFunction(line.function) }
                    if matches == keepsMatching { lines.append(line) }
                }
                // `show` hides what isn't symbolized even where the mapping matches: pprof counts the lines that are left.
                let isUntouched = !keepsMatching && old.isEmpty && !isWholeMatch
                if lines.count == before, !isUntouched { verdicts[row].insert(.hidden) }
                starts.append(UInt32(truncatingIfNeeded: lines.count))
            }
            locations.lines = lines
            locations.lineStarts = starts
        }
        return locations
    }
}

/// What a filter says of a location.
struct FrameVerdict: OptionSet {
    let rawValue: UInt8
    static let focused = FrameVerdict(rawValue: 1)
    static let ignored = FrameVerdict(rawValue: 2)
    static let hidden = FrameVerdict(rawValue: 4)
}

extension SampleColumns {
    /// The samples with a focused location and no ignored one, without their hidden locations.
    fileprivate func keeping(_ verdicts: [FrameVerdict]) -> SampleColumns {
        rewriting { row, stack in
            let begin = stack.count
            var isFocused = false
            var isIgnored = false
            for location in self.stack(of: row) {
                let verdict = verdicts[Int(location.rawValue)]
                if verdict.contains(.ignored) {
                    isIgnored = true
                    break
                }
                if verdict.contains(.focused) { isFocused = true }
                if !verdict.contains(.hidden) { stack.append(location) }
            }
            return isFocused && !isIgnored && stack.count > begin
        }
    }
}
