/// Why something is not in the form of profefe's API. Equal by code.
public struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of fault.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String { case badEscape, notJSON, badShape }
        private let kind: Kind

        /// A `%` without two hexadecimal digits.
        public static let badEscape = Code(kind: .badEscape)
        /// An answer that is no JSON.
        public static let notJSON = Code(kind: .notJSON)
        /// JSON in which a member is missing or is of another type than it has to be.
        public static let badShape = Code(kind: .badShape)

        /// The code's name.
        public var description: String { kind.rawValue }
    }

    /// The kind of fault.
    public let code: Code
    /// What is wrong and where: `body[3].created_at: …`.
    public let message: String

    /// An error of its parts.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// `code: message`
    public var description: String { "\(code): \(message)" }

    /// Equal by code.
    public static func == (left: WireError, right: WireError) -> Bool { left.code == right.code }

    /// Hashes the code.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
