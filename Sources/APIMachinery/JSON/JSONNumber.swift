/// A JSON number that is no `Int64`: its literal as it was written.
///
/// The literal always follows RFC 8259 §6; a number can't be made from anything else.
public struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
    /// As written: `1.50`, `6.02e23`, `18446744073709551615`.
    public let literal: String

    /// Nil unless the text is one number by the grammar of RFC 8259 §6, whole.
    public init?(literal: String) {
        guard JSONNumber.isNumber(Array(literal.utf8)) else { return nil }
        self.literal = literal
    }

    /// The shortest literal that reads back as `value`, in the form Go's encoding/json prints: plain digits for
    /// magnitudes from 1e-6 up to 1e21, an exponent (`1e-7`, `1e+21`) outside. Nil for NaN and infinities.
    public init?(_ value: Double) {
        guard let literal = GoFloat.jsonLiteral(value) else { return nil }
        self.literal = literal
    }

    /// For the parsers, which checked the grammar.
    init(checked literal: String) {
        self.literal = literal
    }

    /// The nearest double; infinite when the literal is beyond the range of one.
    public var doubleValue: Double {
        Double(literal) ?? .nan
    }

    /// For people.
    public var description: String { literal }

    static func isNumber(_ bytes: [UInt8]) -> Bool {
        var at = 0
        func digits() -> Bool {
            let start = at
            while at < bytes.count, bytes[at].isDigit { at += 1 }
            return at > start
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard at < bytes.count else { return false }
        if bytes[at] == UInt8(ascii: "0") { at += 1 } else if !digits() { return false }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            if !digits() { return false }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            if !digits() { return false }
        }
        return at == bytes.count
    }
}

/// Doubles in the text form of Go's encoding/json (floatEncoder).
enum GoFloat {
    /// Nil for NaN and the infinities, which JSON can't say.
    static func jsonLiteral(_ value: Double) -> String? {
        guard value.isFinite else { return nil }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = shortest(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if value.magnitude < 1e-6 || value.magnitude >= 1e21 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = exponent + 1
        if digits.count <= whole { return sign + digits + String(repeating: "0", count: whole - digits.count) }
        return sign + digits.prefix(whole) + "." + digits.dropFirst(whole)
    }

    /// The shortest digits that read back, without leading or trailing zeros, and the power of ten of the first.
    private static func shortest(_ magnitude: Double) -> (digits: String, exponent: Int) {
        let parts = magnitude.description.split(separator: "e", maxSplits: 1)
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts.first.map(String.init) ?? "0"
        let point = mantissa.firstIndex(of: ".") ?? mantissa.endIndex
        var digits = mantissa.filter { $0 != "." }
        exponent += mantissa.distance(from: mantissa.startIndex, to: point) - 1
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        return (digits, exponent)
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}
