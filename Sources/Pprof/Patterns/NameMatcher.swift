/// Matches strings of one table against one pattern, each string once.
struct NameMatcher: ~Copyable {
    private let pattern: FramePattern
    private let strings: StringTable
    private let workspace: FramePattern.Workspace
    private let budget: MatchBudget
    private let deadline: ContinuousClock.Instant
    private var answers: [Answer]

    private enum Answer: UInt8 { case unknown, no, yes }

    init(_ pattern: FramePattern, _ strings: StringTable, _ budget: MatchBudget) throws(PprofError) {
        self.pattern = pattern
        self.strings = strings
        self.budget = budget
        workspace = try pattern.workspace(budget)
        deadline = .now + budget.time
        answers = [Answer](repeating: .unknown, count: strings.count)
    }

    /// Whether the pattern matches anywhere in the string at `index` of the table.
    mutating func matches(_ index: StringIndex) throws(PprofError) -> Bool {
        let row = Int(index.rawValue)
        if answers[row] != .unknown { return answers[row] == .yes }
        let found = try matchNow(strings.extents[row].range)
        answers[row] = found ? .yes : .no
        return found
    }

    /// Whether it matches a part of the message, e.g. a name without its argument list; not remembered.
    func matchNow(_ range: Range<Int>) throws(PprofError) -> Bool {
        guard ContinuousClock.now < deadline else {
            throw PprofError(
                .patternTooCostly,
                "the regular expression takes more than \(budget.time) for the names of this profile, which is the limit"
            )
        }
        return try strings.message.withUnsafeBufferPointer { (bytes) throws(PprofError) in
            try pattern.matches(UnsafeBufferPointer(rebasing: bytes[range]), workspace)
        }
    }
}
