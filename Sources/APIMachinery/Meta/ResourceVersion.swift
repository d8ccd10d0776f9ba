/// The version of a commit of the store: a position in its single, strictly rising write order.
///
/// Clients treat the text as opaque, yet compare two of them as numbers, so the text is a plain decimal `UInt64`:
/// no sign, no leading zeros. `0` is never given to an object; in a request it means "any version will do".
public struct ResourceVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The position as a number.
    public let rawValue: UInt64

    /// A version of the given position.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Reads the decimal text of a version.
    ///
    /// Accepted: `0`, `1`, `18446744073709551615`. Refused: the empty text, `-1`, `+1`, `01`, `1.0`, ` 1`, `1e3`,
    /// non-ASCII digits, and what overflows 64 bits.
    public init?(_ text: String) {
        guard let number = UnsignedDecimal.parse(text.utf8) else { return nil }
        rawValue = number
    }

    /// The decimal text.
    public var description: String { String(rawValue) }

    /// Orders by position.
    public static func < (left: ResourceVersion, right: ResourceVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Reads canonical unsigned decimals: ASCII digits only, no leading zeros, no overflow.
enum UnsignedDecimal {
    static func parse(_ digits: some Collection<UInt8>) -> UInt64? {
        guard let first = digits.first, digits.count <= 20 else { return nil }
        if first == UInt8(ascii: "0") { return digits.count == 1 ? 0 : nil }
        var value: UInt64 = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte &- UInt8(ascii: "0")))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }
}
