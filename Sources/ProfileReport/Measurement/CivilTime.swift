/// A time in UTC as pprof's header has it.
enum CivilTime {
    /// `2006-01-02 15:04:05 UTC` of nanoseconds since 1970, in the proleptic Gregorian calendar.
    static func text(nanos: Int64) -> String {
        let second = floorDivide(nanos, 1_000_000_000)
        let day = floorDivide(second, 86400)
        let time = second - day * 86400
        // Days since 1 March of year 0, in eras of 400 years (H. Hinnant, chrono-compatible algorithms).
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        let calendarMonth = month < 10 ? month + 3 : month - 9
        func two(_ value: Int64) -> String { NumberText.pad("\(value)", 2, with: "0") }
        let date = "\(NumberText.pad("\(year)", 4, with: "0"))-\(two(calendarMonth))-\(two(dayOfMonth))"
        return "\(date) \(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60)) UTC"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
