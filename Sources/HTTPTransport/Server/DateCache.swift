package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The value of `Date` (RFC 9110 §5.6.7, IMF-fixdate), made once per second. One per event loop, used only on it.
package final class DateCache: Sendable {
    private struct Entry {
        var second = -1
        var text = ""
    }
    private let entry: NIOLoopBoundBox<Entry>

    package init(_ eventLoop: any EventLoop) {
        entry = .makeBoxSendingValue(Entry(), eventLoop: eventLoop)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`. On the loop only.
    package var value: String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        if entry.value.second != now.tv_sec {
            entry.value = Entry(second: now.tv_sec, text: Self.format(now.tv_sec))
        }
        return entry.value.text
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The text of a Unix time.
    package static func format(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil, days.indices.contains(Int(parts.tm_wday)),
            months.indices.contains(Int(parts.tm_mon))
        else { return "Thu, 01 Jan 1970 00:00:00 GMT" }
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(Int(parts.tm_year) + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
