internal import Glibc

/// The machine's wall clock, for defaults; whoever needs to be tested takes a clock as a parameter.
enum SystemTime {
    /// Seconds since 1970.
    static func unixSeconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }
}
