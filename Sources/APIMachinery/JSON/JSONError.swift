/// Why a text is no JSON, and where.
public struct JSONError: Error, Sendable, CustomStringConvertible {
    /// What is wrong; errors are equal by it.
    public let code: Code
    /// Bytes before the place.
    public let offset: Int
    /// From 1.
    public let line: Int
    /// From 1, in bytes.
    public let column: Int
    /// What was expected and what was there, without the place.
    public let message: String

    /// For people.
    public var description: String { "line \(line), column \(column) (byte \(offset)): \(message)" }

    /// The kinds of fault.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String { case syntax, unexpectedEnd, trailingData, tooDeep, tooLarge }
        private let value: Value

        /// A byte that can't stand there.
        public static let syntax = Code(value: .syntax)
        /// The text ended inside a value, or was empty.
        public static let unexpectedEnd = Code(value: .unexpectedEnd)
        /// Something follows the value.
        public static let trailingData = Code(value: .trailingData)
        /// More than `JSONLimits.depth` arrays and objects inside each other.
        public static let tooDeep = Code(value: .tooDeep)
        /// More than `JSONLimits.bytes`.
        public static let tooLarge = Code(value: .tooLarge)

        /// For people.
        public var description: String { value.rawValue }
    }
}

extension JSONError: Equatable {
    /// Equal by code.
    public static func == (left: JSONError, right: JSONError) -> Bool { left.code == right.code }
}

/// What a JSON text may cost.
public struct JSONLimits: Sendable, Hashable {
    /// Arrays and objects inside each other; at most 1024, so that no value overflows a thread's stack.
    public let depth: Int
    /// Length of the text.
    public let bytes: Int

    /// - Parameters:
    ///   - depth: 512 by default; taken into 1...1024.
    ///   - bytes: 64 MiB by default. Request bodies are limited earlier, by the reader of the body.
    public init(depth: Int = 512, bytes: Int = 64 << 20) {
        self.depth = min(max(depth, 1), 1024)
        self.bytes = bytes
    }

    /// The defaults.
    public static let `default` = JSONLimits()
}

/// A parsed text: its value, and which fields were written twice.
public struct JSONDocument: Sendable {
    /// The value.
    public var value: JSONValue
    /// Dotted paths, `spec.size`, `spec.items[0].x`; each once, in the order found, at most 100 of them.
    public var duplicateFields: [String]

    /// A value of its parts.
    public init(value: JSONValue, duplicateFields: [String] = []) {
        self.value = value
        self.duplicateFields = duplicateFields
    }
}
