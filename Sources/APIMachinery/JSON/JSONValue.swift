/// One JSON value, decoded.
///
/// Numbers: what is written as a plain integer and fits is `.integer`; every other number keeps its literal
/// in `.number`, so nothing is lost between reading and writing. `-0` reads as `.integer(0)`, as Kubernetes
/// decodes it.
///
/// Equality is that of the bytes: strings are equal when their UTF-8 is (Swift's own `==` takes canonically
/// equivalent strings as equal, which would hide a change), numbers when their literals are, objects when they
/// hold the same members in any order.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// Parses one JSON text and drops the report of duplicate fields. `JSONParser.parse` gives that too.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSONValue {
        try JSONParser.parse(bytes, limits: limits).value
    }

    /// The member of that name, or nil when this is no object or has none.
    public subscript(key: String) -> JSONValue? {
        objectValue?[key]
    }

    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The boolean; nil for anything else.
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer, when it was written as one; `1.0` and `1e3` are numbers, not integers.
    public var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number as a double, whichever of the two it is.
    public var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value.doubleValue
        default: nil
        }
    }

    /// The string; nil for anything else.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements; nil for anything else.
    public var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members; nil for anything else.
    public var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The kind in the field's words: `null bool integer number string array object`, for messages.
    public var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension JSONValue: Equatable {
    /// Compares.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): sameBytes(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// As the literal says.
    public init(nilLiteral: ()) { self = .null }
    /// As the literal says.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// As the literal says.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// As the literal says.
    public init(floatLiteral value: Double) { self = JSONNumber(value).map(JSONValue.number) ?? .null }
    /// As the literal says.
    public init(stringLiteral value: String) { self = .string(value) }
    /// As the literal says.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// A name given twice keeps its last value.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

/// Whether two strings are the same bytes.
@inline(__always)
func sameBytes(_ left: String, _ right: String) -> Bool {
    // Most names differ in length already. Equal bytes are always equal strings, and `==` is a memcmp for ASCII, so
    // only a match is looked at twice.
    left.utf8.count == right.utf8.count && left == right && left.utf8.elementsEqual(right.utf8)
}
