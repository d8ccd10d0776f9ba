// RFC 3339 §5.6.

extension Timestamp {
    /// Nil when the text is no timestamp; see the type for what is.
    public init?(rfc3339 text: String) {
        var reader = TimestampReader(text)
        guard let moment = reader.read() else { return nil }
        self = moment
    }

    /// How many digits of the second are written.
    public enum Fraction: Sendable, Hashable {
        /// None: metav1.Time.
        case none
        /// Always six, cut off: metav1.MicroTime.
        case micro
        /// As many as there are, up to nine, without zeros at the end: Go's RFC3339Nano.
        case auto
    }

    /// In UTC, with `Z`.
    public func rfc3339(fraction: Fraction = .none) -> String {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            days -= 1
            rest += 86_400
        }
        let date = CivilDate(daysSince1970: days)
        var out: [UInt8] = []
        out.reserveCapacity(30)
        func digits(_ value: Int64, _ count: Int) {
            var unit: Int64 = 1
            for _ in 1..<count { unit *= 10 }
            while unit > 0 {
                out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / unit % 10))
                unit /= 10
            }
        }
        digits(date.year, 4)
        for (mark, value) in [
            ("-", date.month), ("-", date.day), ("T", rest / 3600), (":", rest / 60 % 60), (":", rest % 60),
        ] {
            out.append(contentsOf: mark.utf8)
            digits(value, 2)
        }
        if fraction == .micro {
            out.append(UInt8(ascii: "."))
            digits(Int64(nanoseconds / 1000), 6)
        } else if fraction == .auto, nanoseconds > 0 {
            out.append(UInt8(ascii: "."))
            digits(Int64(nanoseconds), 9)
            while out.last == UInt8(ascii: "0") { out.removeLast() }
        }
        out.append(UInt8(ascii: "Z"))
        return String(decoding: out, as: UTF8.self)
    }
}

/// Reads one timestamp from left to right.
private struct TimestampReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8.prefix(128)) }

    mutating func read() -> Timestamp? {
        guard let year = number(4), takes("-"), let month = number(2), takes("-"), let day = number(2),
            takes("T") || takes("t"),
            let hour = number(2), takes(":"), let minute = number(2), takes(":"), let second = number(2),
            hour < 24, minute < 60, second < 60,
            let date = CivilDate(year: year, month: month, day: day),
            let nanoseconds = fraction(), let offset = offset(), at == bytes.count
        else { return nil }
        return Timestamp(
            seconds: date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset,
            nanoseconds: nanoseconds)
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, UInt32(bytes[at]) == character.value else { return false }
        at += 1
        return true
    }

    /// Exactly so many digits.
    private mutating func number(_ count: Int) -> Int64? {
        guard at + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for _ in 0..<count {
            guard bytes[at].isDigit else { return nil }
            value = value * 10 + Int64(bytes[at] - UInt8(ascii: "0"))
            at += 1
        }
        return value
    }

    /// Nanoseconds; 0 when there is no fraction, nil when there is a point without digits.
    private mutating func fraction() -> Int32? {
        guard takes(".") else { return 0 }
        var nanoseconds: Int32 = 0
        var unit: Int32 = 100_000_000
        let start = at
        while at < bytes.count, bytes[at].isDigit {
            nanoseconds += Int32(bytes[at] - UInt8(ascii: "0")) * unit
            unit /= 10
            at += 1
        }
        return at > start ? nanoseconds : nil
    }

    /// Seconds east of Greenwich.
    private mutating func offset() -> Int64? {
        if takes("Z") || takes("z") { return 0 }
        let east = takes("+")
        guard east || takes("-"), let hours = number(2), takes(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (east ? 1 : -1)
    }
}
