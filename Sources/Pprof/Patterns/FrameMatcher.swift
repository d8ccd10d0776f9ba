/// Matches functions, mappings and locations of one profile against one pattern.
struct FrameMatcher: ~Copyable {
    private let profile: ValidatedProfile
    private var names: NameMatcher

    init(_ pattern: FramePattern, _ profile: ValidatedProfile, _ budget: MatchBudget) throws(PprofError) {
        self.profile = profile
        names = try NameMatcher(pattern, profile.strings, budget)
    }

    /// By name or file name.
    mutating func matchesFunction(_ function: FunctionIndex) throws(PprofError) -> Bool {
        let row = Int(function.rawValue)
        if try names.matches(profile.functions.names[row]) { return true }
        return try names.matches(profile.functions.filenames[row])
    }

    /// By the file of the mapping of location `row`.
    mutating func matchesMapping(_ row: Int) throws(PprofError) -> Bool {
        guard let mapping = profile.mappings[profile.locations.mappings[row]] else { return false }
        return try names.matches(mapping.filename)
    }

    /// By any of the lines of location `row`, or its mapping.
    mutating func matchesLocation(_ row: Int) throws(PprofError) -> Bool {
        for line in profile.locations.lines(of: LocationIndex(UInt32(truncatingIfNeeded: row))) {
            if try matchesFunction(line.function) { return true }
        }
        return try matchesMapping(row)
    }
}
