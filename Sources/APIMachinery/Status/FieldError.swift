/// One fault of one field of an object, as validation reports it.
public struct FieldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of fault it is; the raw value is the `reason` of the cause in a `Status`.
    public enum Kind: String, Sendable, Hashable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case typeInvalid = "FieldValueTypeInvalid"
        case notSupported = "FieldValueNotSupported"
        case forbidden = "FieldValueForbidden"
        case duplicate = "FieldValueDuplicate"
        case notFound = "FieldValueNotFound"
        case tooLong = "FieldValueTooLong"
        case tooShort = "FieldValueTooShort"
        case tooMany = "FieldValueTooMany"
        case tooFew = "FieldValueTooFew"
        case internalError = "InternalError"

        /// The words a message begins with.
        var words: String {
            switch self {
            case .required: "Required value"
            case .invalid, .typeInvalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .forbidden: "Forbidden"
            case .duplicate: "Duplicate value"
            case .notFound: "Not found"
            case .tooLong: "Too long"
            case .tooShort: "Too short"
            case .tooMany: "Too many"
            case .tooFew: "Too few"
            case .internalError: "Internal error"
            }
        }
    }

    /// A refused value as a message prints it: texts quoted, everything else bare or as JSON.
    public struct Value: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral,
        ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
    {
        /// The printed form.
        public let description: String

        /// A text, printed in quotes.
        public static func text(_ text: String) -> Value { Value(printed: text.quoted) }
        /// An integer, printed bare.
        public static func integer(_ number: some BinaryInteger) -> Value { Value(printed: String(number)) }
        /// A list of texts, printed as JSON.
        public static func texts(_ texts: [String]) -> Value {
            Value(printed: "[\(texts.map(\.quoted).joined(separator: ","))]")
        }

        /// A value printed as given.
        public init(printed: String) { description = printed }
        /// A text.
        public init(stringLiteral value: String) { self = .text(value) }
        /// An integer.
        public init(integerLiteral value: Int64) { self = .integer(value) }
        /// A truth value.
        public init(booleanLiteral value: Bool) { self.init(printed: value ? "true" : "false") }
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// Where the value is.
    public let path: FieldPath
    /// The refused value, if the kind prints one.
    public let value: Value?
    /// What is wrong with it and what would be right; may be empty.
    public let detail: String

    /// A fault of its parts; prefer the makers below.
    public init(kind: Kind, path: FieldPath, value: Value? = nil, detail: String = "") {
        self.kind = kind
        self.path = path
        self.value = value
        self.detail = detail
    }

    /// The message without the path: `Invalid value: "x": must be a number`. This is the `message` of a cause.
    public var body: String {
        var text = kind.words
        if let value { text += ": \(value)" }
        if !detail.isEmpty { text += ": \(detail)" }
        return text
    }

    /// The message: `spec.x: Invalid value: "x": must be a number`.
    public var description: String { "\(path): \(body)" }
}

extension FieldError {
    /// A value that must be given is missing or empty.
    public static func required(_ path: FieldPath, _ detail: String = "") -> FieldError {
        FieldError(kind: .required, path: path, detail: detail)
    }

    /// A value breaks the rules of its field.
    public static func invalid(_ path: FieldPath, _ value: Value, _ detail: String) -> FieldError {
        FieldError(kind: .invalid, path: path, value: value, detail: detail)
    }

    /// A value is of another JSON type than its field.
    public static func typeInvalid(_ path: FieldPath, _ value: Value, _ detail: String) -> FieldError {
        FieldError(kind: .typeInvalid, path: path, value: value, detail: detail)
    }

    /// A value is none of the named ones; they are listed in the given order.
    public static func notSupported(_ path: FieldPath, _ value: Value, supported: [String]) -> FieldError {
        let list = supported.map(\.quoted).joined(separator: ", ")
        return FieldError(
            kind: .notSupported, path: path, value: value, detail: list.isEmpty ? "" : "supported values: \(list)")
    }

    /// A value may not be given under the present conditions.
    public static func forbidden(_ path: FieldPath, _ detail: String) -> FieldError {
        FieldError(kind: .forbidden, path: path, detail: detail)
    }

    /// A value that must be unique occurs again.
    public static func duplicate(_ path: FieldPath, _ value: Value) -> FieldError {
        FieldError(kind: .duplicate, path: path, value: value)
    }

    /// What a value refers to isn't there.
    public static func notFound(_ path: FieldPath, _ value: Value) -> FieldError {
        FieldError(kind: .notFound, path: path, value: value)
    }

    /// A text is longer than `limit` bytes; the value isn't printed.
    public static func tooLong(_ path: FieldPath, limit: Int) -> FieldError {
        FieldError(kind: .tooLong, path: path, detail: "may not be more than \(limit) byte\(limit == 1 ? "" : "s")")
    }

    /// A text is shorter than `limit` characters; the value isn't printed.
    public static func tooShort(_ path: FieldPath, limit: Int) -> FieldError {
        FieldError(kind: .tooShort, path: path, detail: "must be at least \(limit) character\(limit == 1 ? "" : "s")")
    }

    /// A list has `count` elements where at most `limit` may be.
    public static func tooMany(_ path: FieldPath, count: Int, limit: Int) -> FieldError {
        FieldError(
            kind: .tooMany, path: path, value: .integer(count),
            detail: "must have at most \(limit) item\(limit == 1 ? "" : "s")")
    }

    /// A list has `count` elements where at least `limit` must be.
    public static func tooFew(_ path: FieldPath, count: Int, limit: Int) -> FieldError {
        FieldError(
            kind: .tooFew, path: path, value: .integer(count),
            detail: "must have at least \(limit) item\(limit == 1 ? "" : "s")")
    }

    /// The server couldn't check the value.
    public static func internalError(_ path: FieldPath, _ detail: String) -> FieldError {
        FieldError(kind: .internalError, path: path, detail: detail)
    }
}
