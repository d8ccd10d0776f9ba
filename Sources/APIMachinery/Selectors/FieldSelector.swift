/// Conditions on fields, all of which must hold; without any it selects everything.
public struct FieldSelector: Sendable, Hashable, CustomStringConvertible {
    /// One condition: a field is, or is not, a value. A missing field counts as empty.
    public struct Requirement: Sendable, Hashable, CustomStringConvertible {
        /// How the field is compared.
        public enum Operator: String, Sendable, Hashable {
            case equals = "="
            case notEquals = "!="
        }

        /// The field's path, such as `metadata.name`.
        public let field: String
        /// How it is compared.
        public let `operator`: Operator
        /// The value, unescaped.
        public let value: String

        /// A condition of its parts.
        public init(_ field: String, _ operator: Operator, _ value: String) {
            self.field = field
            self.operator = `operator`
            self.value = value
        }

        /// The condition in the selector's grammar, escaped.
        public var description: String { "\(field)\(`operator`.rawValue)\(FieldSelector.escape(value))" }
    }

    /// The conditions, in the order written.
    public let requirements: [Requirement]

    /// Selects everything.
    public static let everything = FieldSelector([])
    /// The fields by which every resource can be selected.
    public static let commonFields: Set<String> = ["metadata.name", "metadata.namespace"]

    /// A selector of its conditions.
    public init(_ requirements: [Requirement]) {
        self.requirements = requirements
    }

    /// Reads the grammar of conformance 8.2: comma-joined `a=b`, `a==b`, `a!=b`; `\` escapes `\`, `,` and `=`.
    /// Empty parts count for nothing; the empty text selects everything.
    ///
    /// - Throws: the messages of Kubernetes' `fields.ParseSelector`.
    public init(parsing text: String) throws(SelectorError) {
        var requirements: [Requirement] = []
        for term in Self.terms(Array(text.utf8)) where !term.isEmpty {
            guard let (field, comparison, rest) = Self.split(term) else {
                let part = String(decoding: term, as: UTF8.self)
                throw SelectorError("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            requirements.append(Requirement(field, comparison, try Self.unescape(rest)))
        }
        self.init(requirements)
    }

    /// Whether it selects everything.
    public var isEmpty: Bool { requirements.isEmpty }

    /// Whether the fields, looked up by path, satisfy every condition.
    public func matches(_ value: (String) -> String?) -> Bool {
        requirements.allSatisfy { ($0.value == value($0.field) ?? "") == ($0.operator == .equals) }
    }

    /// The value that the field must have, if a condition says so.
    public func requiresExactMatch(_ field: String) -> String? {
        requirements.first { $0.field == field && $0.operator == .equals }?.value
    }

    /// Refuses fields that can't be selected by.
    ///
    /// - Throws: `field label not supported: spec.size`.
    public func check(supported: Set<String>) throws(SelectorError) {
        if let unknown = requirements.first(where: { !supported.contains($0.field) }) {
            throw SelectorError("field label not supported: \(unknown.field)")
        }
    }

    /// The selector in its grammar.
    public var description: String { requirements.map(\.description).joined(separator: ",") }

    /// The text with `\`, `,` and `=` escaped, to stand as a value.
    public static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            if character == "\\" || character == "," || character == "=" { escaped += "\\" }
            escaped.unicodeScalars.append(character)
        }
        return escaped
    }

    private static let backslash = UInt8(ascii: "\\")
    private static let equal = UInt8(ascii: "=")

    /// The parts between unescaped commas.
    private static func terms(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var terms: [ArraySlice<UInt8>] = []
        var start = 0
        var isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if isEscaped {
                isEscaped = false
            } else if byte == backslash {
                isEscaped = true
            } else if byte == UInt8(ascii: ",") {
                terms.append(bytes[start..<index])
                start = index + 1
            }
        }
        terms.append(bytes[start...])
        return terms
    }

    /// The field, the operator and the escaped value of a term: cut at its first `!=`, `==` or `=`.
    private static func split(_ term: ArraySlice<UInt8>) -> (String, Requirement.Operator, ArraySlice<UInt8>)? {
        for index in term.indices {
            let follows = index + 1 < term.endIndex && term[index + 1] == equal
            let field = String(decoding: term[..<index], as: UTF8.self)
            if term[index] == UInt8(ascii: "!"), follows { return (field, .notEquals, term[(index + 2)...]) }
            if term[index] == equal { return (field, .equals, term[(follows ? index + 2 : index + 1)...]) }
        }
        return nil
    }

    private static func unescape(_ bytes: ArraySlice<UInt8>) throws(SelectorError) -> String {
        var value: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                guard byte == backslash || byte == UInt8(ascii: ",") || byte == equal else {
                    let sequence = String(decoding: [backslash, byte], as: UTF8.self)
                    throw SelectorError("invalid field selector: invalid escape sequence: \(sequence)")
                }
                value.append(byte)
                isEscaped = false
            } else if byte == backslash {
                isEscaped = true
            } else if byte == equal {
                throw SelectorError("invalid field selector: unescaped character in value: \(byte)")
            } else {
                value.append(byte)
            }
        }
        if isEscaped { throw SelectorError("invalid field selector: invalid escape sequence: \\") }
        return String(decoding: value, as: UTF8.self)
    }
}
