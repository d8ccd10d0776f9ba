import Testing

@testable import Pprof

/// Regular expressions from outside.
struct FramePatternTests {
    /// Accepted: pattern, name, whether it matches, as Go's regexp has it.
    static let accepted: [(String, String, Bool)] = [
        ("", "", true), ("", "x", true), ("main", "main.main", true), ("^main$", "main.main", false),
        ("(?i)MAIN", "main", true), ("a$", "a\n", false), ("\\bfoo\\b", "a.foo(", true), ("\\d+", "٣", false),
        ("ä", "Bär", true), ("(?P<n>x)", "x", true), ("\\Q(*T)\\E", "main.(*T).f", true), ("[[:upper:]]", "aB", true),
        ("a|b", "cb", true), (".", "\n", false), ("(?s).", "\n", true), ("\\pL", "é", true),
    ]

    /// Refused when they are compiled.
    static let refused = ["(", ")", "[", "*", "a{2,1}", "(?P<1>x)", "\\C", "(?<=a*)b", "\\p{Nothing}", "\\"]

    @Test(arguments: accepted)
    func matchesAsGoDoes(_ pattern: String, _ name: String, _ expected: Bool) throws {
        #expect(try matches(pattern, name) == expected)
    }

    @Test(arguments: refused)
    func aBrokenPatternIsRefused(_ pattern: String) {
        #expect(throws: PprofError(.badPattern, "")) { _ = try FramePattern(pattern) }
    }

    @Test func aPatternThatIsTooLongIsRefused() throws {
        _ = try FramePattern(String(repeating: "a", count: FramePattern.longestText))
        #expect(throws: PprofError(.badPattern, "")) {
            _ = try FramePattern(String(repeating: "a", count: FramePattern.longestText + 1))
        }
        #expect(throws: PprofError(.badPattern, "")) { _ = try FramePattern("((((a{900}){900}){900}){900})") }
        #expect(throws: PprofError(.badPattern, "")) { _ = try FramePattern(String(repeating: "(", count: 1000)) }
    }

    @Test(arguments: ["(a+)+$", "(a|aa)+$", "(.*)*$b", "^(a|a)*b", "(?:(?:a*)*)*b"])
    func aHostilePatternIsGivenUp(_ pattern: String) throws {
        let name = String(repeating: "a", count: 60) + "!"
        // Either the matcher sees early that there is no match, or it is stopped; it never runs on.
        do {
            #expect(try !matches(pattern, name))
        } catch {
            #expect(error == PprofError(.patternTooCostly, ""))
        }
    }

    @Test func allNamesTogetherHaveATimeLimit() throws {
        var budget = MatchBudget()
        budget.time = .zero
        let filter = FrameFilter(focus: try FramePattern("x"))
        #expect(throws: PprofError(.patternTooCostly, "")) {
            _ = try Corpus.real(.cpu).profile().filtered(by: filter, budget: budget)
        }
    }

    @Test func brokenTextIsNoMatchAndNoFault() throws {
        let pattern = try FramePattern("b.d")
        #expect(try matches(pattern, [0xff, 0xfe, UInt8(ascii: "b"), 0x80, UInt8(ascii: "d")]) == false)
        #expect(try matches(pattern, [0xff] + Array("bad".utf8) + [0xc3]))
    }

    @Test func groupsAreFound() throws {
        let pattern = try FramePattern("^(a+)(x)?(b)")
        #expect(pattern.groups(3, of: "aab") == ["aa", "", "b"])
        #expect(pattern.groups(9, of: "aab")?.count == 9)
        #expect(pattern.groups(1, of: "x") == nil)
    }

    private func matches(_ pattern: String, _ name: String) throws(PprofError) -> Bool {
        try matches(try FramePattern(pattern), Array(name.utf8))
    }

    private func matches(_ pattern: FramePattern, _ name: [UInt8]) throws(PprofError) -> Bool {
        let workspace = try pattern.workspace(MatchBudget())
        return try name.withUnsafeBufferPointer { (bytes) throws(PprofError) in try pattern.matches(bytes, workspace) }
    }
}
