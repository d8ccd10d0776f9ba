/// The text form of Go's time.Duration, which metav1.Duration is in JSON.
///
/// Read as time.ParseDuration does it: an optional sign, then decimal numbers with units `ns us µs ms s m h`
/// (`1h30m0.5s`), or a bare `0`. Refused: no unit, no digits, unknown units, whitespace, more than 2^63 ns.
/// Digits below the nanosecond are cut off.
extension Duration {
    /// Nil when refused.
    public init?(goDuration text: String) {
        guard let nanoseconds = GoDuration.parse(Array(text.utf8)) else { return nil }
        self = .nanoseconds(nanoseconds)
    }

    /// As Go's Duration.String: `1h30m0.5s`, `1.5ms`, `2µs`, `0s`. What doesn't fit into `Int64` nanoseconds
    /// (292 years) is written as the bound.
    public var goString: String {
        GoDuration.text(wholeNanoseconds)
    }

    /// The duration in nanoseconds, cut off; held at the bounds of `Int64`.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowToo) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflowToo ? (seconds < 0 ? .min : .max) : sum
    }
}

enum GoDuration {
    private static let units: [String: UInt64] = [
        "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]

    static func parse(_ bytes: [UInt8]) -> Int64? {
        var rest = bytes[...]
        let negative = rest.first == UInt8(ascii: "-")
        if negative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        if Array(rest) == [UInt8(ascii: "0")] { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = part(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow, sum <= 1 << 63 else { return nil }
            total = sum
        }
        if negative { return total == 1 << 63 ? .min : -Int64(total) }
        return Int64(exactly: total)
    }

    /// One number with its unit, in nanoseconds.
    private static func part(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        let whole = rest.prefix { $0.isDigit }
        rest = rest.dropFirst(whole.count)
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = rest.prefix { $0.isDigit }
            rest = rest.dropFirst(fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let name = rest.prefix { !$0.isDigit && $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(name.count)
        guard let unit = units[String(decoding: name, as: UTF8.self)],
            let number = whole.isEmpty ? 0 : UInt64(String(decoding: whole, as: UTF8.self))
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        let (sum, overflowToo) = product.addingReportingOverflow(fractionOf(unit, fraction))
        return overflowToo ? nil : sum
    }

    /// 0.`digits` of a unit, cut off. No unit has more than 13 digits, and 16 digits of the fraction are exact.
    private static func fractionOf(_ unit: UInt64, _ digits: ArraySlice<UInt8>) -> UInt64 {
        var sum: UInt64 = 0
        var scale: UInt64 = 1
        for digit in digits.prefix(16) {
            sum = sum * 10 + UInt64(digit - UInt8(ascii: "0"))
            scale *= 10
        }
        let (high, low) = sum.multipliedFullWidth(by: unit)
        return scale.dividingFullWidth((high, low)).quotient  // sum < scale, so the quotient is under the unit.
    }

    static func text(_ nanoseconds: Int64) -> String {
        let sign = nanoseconds < 0 ? "-" : ""
        let magnitude = nanoseconds.magnitude
        switch magnitude {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return "\(sign)\(decimal(magnitude, 1000, 3))µs"
        case ..<1_000_000_000: return "\(sign)\(decimal(magnitude, 1_000_000, 6))ms"
        default: break
        }
        let minutes = magnitude / 60_000_000_000
        let seconds = decimal(magnitude % 60_000_000_000, 1_000_000_000, 9) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    /// `value / unit` with up to so many digits behind the point, without zeros at the end.
    private static func decimal(_ value: UInt64, _ unit: UInt64, _ places: Int) -> String {
        let digits = String(value % unit)
        var fraction = String(repeating: "0", count: places - digits.count) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return fraction.isEmpty ? "\(value / unit)" : "\(value / unit).\(fraction)"
    }
}
