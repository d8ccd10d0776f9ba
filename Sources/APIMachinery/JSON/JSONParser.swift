/// Reads JSON texts (RFC 8259) strictly.
///
/// Accepted: one value with whitespace (space, tab, LF, CR) around it. Refused, with the place: an empty text,
/// a byte order mark, trailing data, trailing or missing commas, comments, single quotes, unquoted names, `NaN`,
/// leading zeros and `+`, raw control characters inside strings, unknown escapes, nesting over the limit.
///
/// As Go's encoding/json does it, bytes that are no UTF-8 are read as U+FFFD (one for each byte), and so is the
/// escape of a surrogate without its other half; a name written twice keeps its last value, and is reported.
public enum JSONParser {
    /// Parses a whole document.
    public static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSONDocument {
        var reader = JSONReader(bytes: bytes, limits: limits)
        return try reader.document()
    }
}

/// The state of one parse. Recursive, with the depth bounded by the limits.
struct JSONReader {
    let bytes: [UInt8]
    private let limits: JSONLimits
    var position = 0
    private var path: [Place] = []
    private var duplicates = DuplicateFields()

    /// Where the reader is inside an open container; names are kept by where they are written, and read again
    /// only for a duplicate.
    private enum Place {
        case key(at: Int)
        case element(Int)
    }

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSONDocument {
        guard bytes.count <= limits.bytes else {
            position = 0
            throw error(.tooLarge, "the text has \(bytes.count) bytes, the limit is \(limits.bytes)")
        }
        skipWhitespace()
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else {
            throw error(.trailingData, "expected the end of the text, found \(found)")
        }
        return JSONDocument(value: value, duplicateFields: duplicates.paths)
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard position < bytes.count else { throw unexpected("a value") }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func open(_ place: Place) throws(JSONError) {
        guard path.count < limits.depth else {
            throw error(.tooDeep, "arrays and objects are nested deeper than the limit of \(limits.depth)")
        }
        path.append(place)
        position += 1
        skipWhitespace()
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        try open(.key(at: position))
        var object = JSONObject()
        if takes(UInt8(ascii: "}")) {
            path.removeLast()
            return object
        }
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw unexpected("a name in double quotes")
            }
            path[path.count - 1] = .key(at: position)
            let key = try string()
            skipWhitespace()
            guard takes(UInt8(ascii: ":")) else { throw unexpected("':' after a name") }
            skipWhitespace()
            if object.set(key, try value()) { reportDuplicate() }
            skipWhitespace()
            if takes(UInt8(ascii: "}")) { break }
            guard takes(UInt8(ascii: ",")) else { throw unexpected("',' or '}' after a member") }
            skipWhitespace()
        }
        path.removeLast()
        return object
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try open(.element(0))
        var elements: [JSONValue] = []
        if takes(UInt8(ascii: "]")) {
            path.removeLast()
            return elements
        }
        while true {
            path[path.count - 1] = .element(elements.count)
            elements.append(try value())
            skipWhitespace()
            if takes(UInt8(ascii: "]")) { break }
            guard takes(UInt8(ascii: ",")) else { throw unexpected("',' or ']' after an element") }
            skipWhitespace()
        }
        path.removeLast()
        return elements
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for at in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[at] else { throw unexpected("'\(word)'") }
            position += 1
        }
        return value
    }

    private mutating func reportDuplicate() {
        guard duplicates.wantsMore else { return }
        let steps = path.map { place -> DuplicateFields.Step in
            switch place {
            case .element(let at): return .element(at)
            case .key(let at):
                var reader = JSONReader(bytes: bytes, limits: limits)
                reader.position = at
                return .key((try? reader.string()) ?? "")
            }
        }
        duplicates.add(steps)
    }
}

// MARK: - Bytes

extension JSONReader {
    @inline(__always)
    mutating func skipWhitespace() {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    @inline(__always)
    mutating func takes(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// What stands at the position, for a message.
    private var found: String {
        guard position < bytes.count else { return "the end of the text" }
        let byte = bytes[position]
        guard (0x21...0x7E).contains(byte) else { return "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))" }
        return "'\(Character(Unicode.Scalar(byte)))'"
    }

    func unexpected(_ expected: String) -> JSONError {
        error(position < bytes.count ? .syntax : .unexpectedEnd, "expected \(expected), found \(found)")
    }

    func error(_ code: JSONError.Code, _ message: String) -> JSONError {
        let before = bytes.prefix(position)
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONError(
            code: code, offset: position, line: line, column: before.count - lineStart + 1, message: message)
    }
}
