internal import Glibc
internal import SwiftOverlayShims  // where the compiler finds timespec

/// A moment of UTC, by the nanosecond, in the years 0001 to 9999.
///
/// Text form: RFC 3339 §5.6, as Kubernetes writes metav1.Time (`2024-02-29T12:00:00Z`) and metav1.MicroTime
/// (`2024-02-29T12:00:00.123456Z`). Read are also other offsets (`+05:30`), fractions of any length (digits below
/// the nanosecond are cut off) and a lower-case `t` or `z`. Refused: days and months that don't exist, hour 24,
/// second 60 (Go and the kernel know no leap seconds), a missing offset, moments outside the years above.
public struct Timestamp: Sendable, Hashable {
    /// Since 1970-01-01T00:00:00Z, before the leap of any second.
    public let seconds: Int64
    /// 0...999,999,999, added to `seconds` (also before 1970).
    public let nanoseconds: Int32

    /// 0001-01-01T00:00:00Z, Go's zero time.
    public static let earliest = Timestamp(checkedSeconds: -62_135_596_800, nanoseconds: 0)
    /// 9999-12-31T23:59:59.999999999Z.
    public static let latest = Timestamp(checkedSeconds: 253_402_300_799, nanoseconds: 999_999_999)

    /// Nil outside the years 0001 to 9999, or when the nanoseconds are no part of one second.
    public init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard (Timestamp.earliest.seconds...Timestamp.latest.seconds).contains(seconds),
            (0...999_999_999).contains(nanoseconds)
        else { return nil }
        self.init(checkedSeconds: seconds, nanoseconds: nanoseconds)
    }

    /// The moment so many nanoseconds after 1970 (before, when negative); every `Int64` is one.
    public init(nanosecondsSince1970: Int64) {
        var (seconds, rest) = nanosecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000_000)
        if rest < 0 {
            seconds -= 1
            rest += 1_000_000_000
        }
        self.init(checkedSeconds: seconds, nanoseconds: Int32(truncatingIfNeeded: rest))
    }

    private init(checkedSeconds: Int64, nanoseconds: Int32) {
        seconds = checkedSeconds
        self.nanoseconds = nanoseconds
    }

    /// The system's clock. For the program's edge: what can be tested takes the moment as a parameter.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(clamping: time.tv_nsec)) ?? .earliest
    }

    /// The same moment without its fraction of a second, as metav1.Time keeps it.
    public var wholeSeconds: Timestamp { Timestamp(checkedSeconds: seconds, nanoseconds: 0) }

    /// Nanoseconds since 1970; nil outside the years 1677 to 2262, which an `Int64` can't count.
    public var nanosecondsSince1970: Int64? {
        // Before 1970 counted from the end of the second, so that the least `Int64` is reached without overflow.
        let (from, rest) =
            seconds < 0 ? (seconds + 1, Int64(nanoseconds) - 1_000_000_000) : (seconds, Int64(nanoseconds))
        let (whole, overflow) = from.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowToo) = whole.addingReportingOverflow(rest)
        return overflow || overflowToo ? nil : sum
    }

    /// From `earlier` to this moment; negative when that is later.
    public func since(_ earlier: Timestamp) -> Duration {
        .seconds(seconds - earlier.seconds) + .nanoseconds(Int64(nanoseconds - earlier.nanoseconds))
    }

    /// The moment so much later; held at the bounds of the type.
    public func adding(_ duration: Duration) -> Timestamp {
        let (durationSeconds, attoseconds) = duration.components
        let (sum, overflow) = seconds.addingReportingOverflow(durationSeconds)
        if overflow { return durationSeconds < 0 ? .earliest : .latest }
        let nanoseconds = Int64(nanoseconds) + attoseconds / 1_000_000_000
        let carry: Int64 = nanoseconds < 0 ? -1 : nanoseconds / 1_000_000_000
        let (total, carried) = sum.addingReportingOverflow(carry)
        let moment =
            carried ? nil : Timestamp(seconds: total, nanoseconds: Int32(clamping: nanoseconds - carry * 1_000_000_000))
        return moment ?? (sum < 0 ? .earliest : .latest)
    }
}

extension Timestamp: Comparable {
    /// Orders by time.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
