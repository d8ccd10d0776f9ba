public import APIMachinery

/// The times in the parameters of profefe's API: `2006-01-02T15:04:05`, in UTC, with a fraction or without.
///
/// Read as Go's `time.Parse` does it: the hour may have one digit, a fraction may begin with `.` or `,` and is cut off below the
/// nanosecond. Refused: `Z` and any offset, a lower-case `t`, days that don't exist, hour 24, second 60, the year 0, and Go's zero time
/// `0001-01-01T00:00:00`, which profefe takes for none.
///
/// Times in answers are RFC 3339, in whole seconds.
public enum CollectorTime {
    /// The moment that a parameter says; nil if it is refused.
    public static func parse(_ text: String) -> Timestamp? {
        var bytes = Array(text.utf8)
        guard bytes.allSatisfy({ isDigit($0) || marks.contains($0) }) else { return nil }
        if bytes.count > 12, isDigit(bytes[11]), bytes[12] == UInt8(ascii: ":") {
            bytes.insert(UInt8(ascii: "0"), at: 11)
        }
        if bytes.count > secondsEnd, bytes[secondsEnd] == UInt8(ascii: ",") { bytes[secondsEnd] = UInt8(ascii: ".") }
        let moment = Timestamp(rfc3339: String(decoding: bytes + [UInt8(ascii: "Z")], as: UTF8.self))
        return moment == .earliest ? nil : moment
    }

    /// The moment for a parameter, with as many digits of the second as there are: a bound in whole seconds would leave out what was
    /// taken within them.
    public static func text(_ moment: Timestamp) -> String {
        String(moment.rfc3339(fraction: .auto).dropLast())
    }

    /// Where the fraction begins.
    private static let secondsEnd = 19
    private static let marks = Array("-T:.,".utf8)

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
