internal import CPCRE2

/// A regular expression over names of functions and files, compiled once and good for many threads.
///
/// PCRE2's syntax, which differs from Go's RE2 where patterns of profiles hardly go: it also knows look-around and back
/// references, and of several alternatives it takes the first (so does Go). Set up for RE2's meaning: bytes are UTF-8 and
/// broken ones match nothing; `\w \d \s \b` are ASCII; `$` is the very end; no flag is set but those in the pattern, e.g. `(?i)`.
///
/// A backtracking matcher can be made to run for ages, so each match is bounded in steps and all matches of one
/// operation in time: see `MatchBudget`.
public final class FramePattern: @unchecked Sendable {  // C wrapper: compiled code is immutable
    /// The pattern as given.
    public let text: String
    // Owned; freed in deinit. Immutable once compiled, thus good for any thread (pcre2api, "Multithreading").
    private let code: OpaquePointer

    /// Longest pattern in bytes.
    public static let longestText = 4096

    /// - Throws: `badPattern` with the place of the fault.
    public init(_ text: String) throws(PprofError) {
        var text = text
        let count = text.utf8.count
        guard count <= Self.longestText else {
            throw PprofError(
                .badPattern, "a regular expression of \(count) bytes; the limit is \(Self.longestText)")
        }
        var code: CInt = 0
        var offset = 0
        let options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C
        let compiled = text.withUTF8 { bytes in
            // An empty pattern has no address, for which PCRE2 wants one all the same.
            withUnsafePointer(to: UInt8(0)) { nothing in
                pcre2_compile_8(bytes.baseAddress ?? nothing, bytes.count, options, &code, &offset, nil)
            }
        }
        guard let compiled else {
            throw PprofError(
                .badPattern, at: offset, "\(Self.message(code)) in the regular expression \(Self.quoted(text))")
        }
        self.text = text
        self.code = compiled
    }

    deinit { pcre2_code_free_8(code) }

    /// `text` between quotes, cut after 80 characters.
    private static func quoted(_ text: String) -> String {
        "\"\(text.prefix(80))\(text.count > 80 ? "…" : "")\""
    }

    private static func message(_ code: CInt) -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            // Gives the length without the ending 0, or a negative number where the buffer is too small.
            count = max(0, Int(pcre2_get_error_message_8(code, buffer.baseAddress, buffer.count)))
        }
        return bytes.isEmpty ? "error \(code)" : String(decoding: bytes, as: UTF8.self)
    }

    /// What the library needs to match; freed with the matcher.
    struct Workspace: ~Copyable {
        private let data: OpaquePointer
        private let context: OpaquePointer

        fileprivate init(_ code: OpaquePointer, _ budget: MatchBudget) throws(PprofError) {
            guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { throw Self.outOfMemory }
            guard let context = pcre2_match_context_create_8(nil) else {
                pcre2_match_data_free_8(data)
                throw Self.outOfMemory
            }
            pcre2_set_match_limit_8(context, budget.stepsPerMatch)
            pcre2_set_depth_limit_8(context, budget.stepsPerMatch)
            pcre2_set_heap_limit_8(context, budget.kibibytesPerMatch)
            self.data = data
            self.context = context
        }

        deinit {
            pcre2_match_context_free_8(context)
            pcre2_match_data_free_8(data)
        }

        private static var outOfMemory: PprofError { PprofError(.outOfMemory, "no memory for a match") }

        /// The library's answer: above 0 for a match, -1 for none, else an error. `code` and `bytes` outlive the call.
        fileprivate func match(_ code: OpaquePointer, _ bytes: UnsafeBufferPointer<UInt8>) -> CInt {
            withUnsafePointer(to: UInt8(0)) { nothing in
                pcre2_match_8(code, bytes.baseAddress ?? nothing, bytes.count, 0, 0, data, context)
            }
        }

        /// Where group `number` of the last match lies; nil if it took no part.
        fileprivate func group(_ number: Int) -> Range<Int>? {
            guard number >= 0, number < Int(pcre2_get_ovector_count_8(data)) else { return nil }
            // Two numbers a group, valid until the next match.
            guard let ends = pcre2_get_ovector_pointer_8(data) else { return nil }
            let (low, high) = (ends[2 * number], ends[2 * number + 1])
            // PCRE2_UNSET is the highest size_t, which Swift takes for -1.
            return 0 <= low && low <= high ? low..<high : nil
        }
    }

    func workspace(_ budget: MatchBudget) throws(PprofError) -> Workspace { try Workspace(code, budget) }

    /// Whether the pattern matches anywhere in `bytes`.
    func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ workspace: borrowing Workspace) throws(PprofError) -> Bool {
        let result = workspace.match(code, bytes)
        if result >= 0 { return true }
        if result == PCRE2_ERROR_NOMATCH { return false }
        throw PprofError(
            .patternTooCostly,
            "the regular expression \(Self.quoted(text)) was given up on a name of \(bytes.count) bytes: \(Self.message(result))"
        )
    }

    /// Group 1 … `count` of the first match in `name`, "" where a group took no part; nil if there is no match.
    ///
    /// For patterns of our own over names from outside: what is too costly counts as no match.
    package func groups(_ count: Int, of name: String) -> [String]? {
        var name = name
        guard let workspace = try? self.workspace(MatchBudget()) else { return nil }
        return name.withUTF8 { bytes in
            guard workspace.match(code, bytes) >= 0 else { return nil }
            return (0..<count).map { number in
                guard let range = workspace.group(number + 1), range.upperBound <= bytes.count else { return "" }
                return String(decoding: bytes[range], as: UTF8.self)
            }
        }
    }
}
