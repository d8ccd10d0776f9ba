/// Why no report could be made of a profile.
///
/// Two errors are equal if their codes are.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure that a caller may tell apart.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String { case unknownSampleIndex, badFilter, tooLarge, negativeValues }
        private let kind: Kind
        /// The profile has no such sample type; the message lists those it has.
        public static let unknownSampleIndex = Code(kind: .unknownSampleIndex)
        /// `focus`, `ignore`, `hide` or `show` is not a regular expression.
        public static let badFilter = Code(kind: .badFilter)
        /// The report would exceed its bound of nodes or bytes.
        public static let tooLarge = Code(kind: .tooLarge)
        /// The form asked for can't show negative values.
        public static let negativeValues = Code(kind: .negativeValues)
        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// What kind of failure.
    public let code: Code
    /// The sentence for the caller: what, the value and what is allowed.
    public let message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }

    /// Equal by code.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Only the code counts.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
