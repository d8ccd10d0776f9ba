internal import Digests

// From text to type, as goyaml.v2 (inside sigs.k8s.io/yaml) does it: YAML 1.1, with Go's idea of a number.

extension YAMLScalar {
    enum Resolution {
        case value(JSONValue)
        case refused(YAMLError.Code, String)
    }

    /// Only plain scalars have a type other than string, unless a tag says so.
    var resolution: Resolution {
        let tag = tag ?? ""
        if tag.isEmpty, !isPlain { return .value(.string(text)) }
        guard tag.isEmpty || tag.hasPrefix(YAMLScalar.tagPrefix) else { return .value(.string(text)) }
        let type = String(tag.dropFirst(YAMLScalar.tagPrefix.count))
        switch type {
        case "", "null", "bool", "int", "float": break
        case "binary": return binary
        default: return .value(.string(text))
        }
        if tag.isEmpty, let number = YAMLScalar.nonFinite[text] {
            return .refused(.badNumber, "JSON can't say \(number)")
        }
        let (value, found) = YAMLScalar.resolve(text)
        guard type.isEmpty || type == found || (type, found) == ("float", "int") else {
            return .refused(.badTag, "'\(text.prefix(64))' is no !!\(type)")
        }
        return .value(value)
    }

    /// Whether this is the key that merges: `<<` without quotes.
    var isMerge: Bool {
        text == "<<" && (tag == nil ? isPlain : tag == YAMLScalar.tagPrefix + "merge")
    }

    /// Whether the text, written plain, would be read as something else than a string.
    static func isAmbiguous(_ text: String) -> Bool {
        if text == "<<" || nonFinite[text] != nil || resolve(text).type != "str" { return true }
        return looksLikeTime(Array(text.utf8.prefix(64)))
    }

    private static let tagPrefix = "tag:yaml.org,2002:"
    private static let words = table([
        (.bool(true), ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]),
        (.bool(false), ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"]),
        (.null, ["", "~", "null", "Null", "NULL"]),
    ])
    private static let nonFinite: [String: String] = [
        ".nan": "NaN", ".NaN": "NaN", ".NAN": "NaN", ".inf": "+Inf", ".Inf": "+Inf", ".INF": "+Inf",
        "+.inf": "+Inf", "+.Inf": "+Inf", "+.INF": "+Inf", "-.inf": "-Inf", "-.Inf": "-Inf", "-.INF": "-Inf",
    ]

    private static func table(_ rows: [(JSONValue, [String])]) -> [String: JSONValue] {
        var table: [String: JSONValue] = [:]
        for (value, words) in rows { for word in words { table[word] = value } }
        return table
    }

    private static func resolve(_ text: String) -> (value: JSONValue, type: String) {
        if let value = words[text] { return (value, value.isNull ? "null" : "bool") }
        if let first = text.utf8.first, text.utf8.count <= 512,
            first.isDigit || first == UInt8(ascii: "+") || first == UInt8(ascii: "-") || first == UInt8(ascii: ".")
        {
            // Underscores may stand anywhere but behind a leading point, which Go reads another way.
            let plain = first == UInt8(ascii: ".") ? Array(text.utf8) : text.utf8.filter { $0 != UInt8(ascii: "_") }
            if let value = YAMLNumber.integer(plain) { return (value, "int") }
            if let value = YAMLNumber.float(plain) { return (value, "float") }
        }
        return (.string(text), "str")
    }

    /// Base64, as text; bytes that are no UTF-8 become U+FFFD on the way into JSON.
    private var binary: Resolution {
        guard let bytes = Base64.decode(text) else { return .refused(.badTag, "!!binary isn't followed by base64") }
        return .value(.string(String(decoding: bytes, as: UTF8.self)))
    }

    /// A date with or without a time (`2001-1-1T…`), and numbers to the base of 60 (`1:30`): what YAML 1.1 gives a
    /// type of its own. Of a time behind a date only the beginning is looked at.
    private static func looksLikeTime(_ text: [UInt8]) -> Bool {
        guard let first = text.first, first.isDigit || first == UInt8(ascii: "-") || first == UInt8(ascii: "+") else {
            return false
        }
        return isDate(text) || isSexagesimal(text)
    }

    private static func isDate(_ text: [UInt8]) -> Bool {
        var rest = text[...]
        for (lengths, mark) in [(4...4, UInt8(ascii: "-")), (1...2, UInt8(ascii: "-")), (1...2, nil)] {
            let digits = rest.prefix { $0.isDigit }
            guard lengths.contains(digits.count) else { return false }
            rest = rest.dropFirst(digits.count)
            guard let mark else { break }
            guard rest.popFirst() == mark else { return false }
        }
        guard let behind = rest.first else { return true }
        return (behind | 0x20 == UInt8(ascii: "t") || behind == 0x20) && rest.dropFirst().first?.isDigit == true
    }

    /// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
    private static func isSexagesimal(_ text: [UInt8]) -> Bool {
        let unsigned = text.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard text.count - unsigned.count <= 1, unsigned.first?.isDigit == true else { return false }
        let whole = unsigned.prefix { $0 != UInt8(ascii: ".") }
        let parts = whole.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let isNumber = { (digits: ArraySlice<UInt8>) in digits.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "_") } }
        guard parts.count > 1, isNumber(parts[0]), isNumber(unsigned.dropFirst(whole.count + 1)) else { return false }
        return parts.dropFirst().allSatisfy { part in
            part.allSatisfy { $0.isDigit }
                && (part.count == 1 || part.count == 2 && part.first.map { $0 < 0x36 } == true)
        }
    }
}

/// Numbers as goyaml.v2 reads them, underscores taken out before.
enum YAMLNumber {
    /// Go's strconv.ParseInt and ParseUint to the base 0: an optional sign, then `0x`, `0o`, `0b`, or a 0 before
    /// octal digits. Nil when it isn't one, or has more than 64 bits.
    static func integer(_ text: [UInt8]) -> JSONValue? {
        var digits = text[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        var radix = 10
        if digits.first == UInt8(ascii: "0"), digits.count > 1 {
            let mark = digits.dropFirst().first.map { $0 | 0x20 }
            let bases: [UInt8: Int] = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2]
            radix = mark.flatMap { bases[$0] } ?? 8
            digits = digits.dropFirst(radix == 8 && mark != UInt8(ascii: "o") ? 1 : 2)
        }
        guard digits.first?.hexDigit != nil,  // `Int64(_:radix:)` would take another sign.
            let magnitude = UInt64(String(decoding: digits, as: UTF8.self), radix: radix)
        else { return nil }
        if !negative { return Int64(exactly: magnitude).map(JSONValue.integer) ?? unsigned(magnitude, text) }
        return Int64(exactly: magnitude).map { .integer(-$0) } ?? (magnitude == 1 << 63 ? .integer(.min) : nil)
    }

    /// ParseUint takes no sign, so `+18446744073709551615` is a float to Go.
    private static func unsigned(_ magnitude: UInt64, _ text: [UInt8]) -> JSONValue? {
        text.first == UInt8(ascii: "+") ? nil : .number(JSONNumber(checked: String(magnitude)))
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, in the range of a double. The value is what Go's
    /// JSON makes of the double: an integer where it has no fraction, `1e+21` above.
    static func float(_ text: [UInt8]) -> JSONValue? {
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix { $0.isDigit }
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix { $0.isDigit }
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        if let mark = rest.first {
            guard mark | 0x20 == UInt8(ascii: "e") else { return nil }
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard !rest.isEmpty, rest.allSatisfy({ $0.isDigit }) else { return nil }
        }
        guard let value = Double(String(decoding: text, as: UTF8.self)), let literal = GoFloat.jsonLiteral(value) else {
            return nil
        }
        return Int64(literal).map(JSONValue.integer) ?? .number(JSONNumber(checked: literal))
    }
}
