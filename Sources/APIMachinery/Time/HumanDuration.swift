/// Spans of time as kubectl's AGE column writes them.
public struct HumanDuration {
    /// The text for an age, everything cut off and nothing rounded (k8s.io/apimachinery duration.HumanDuration):
    /// two units while the larger has one digit, else one: `119s 2m1s 10m 179m 3h1m 8h 47h 2d1h 8d 729d 2y 3y5d 8y`.
    /// `<invalid>` for what lies more than a second ahead.
    public static func age(seconds: Int64) -> String {
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        let row = rows.first { seconds < $0.below } ?? last
        let whole = seconds / row.unit
        guard let minor = row.minor else { return "\(whole)\(row.name)" }
        let rest = seconds % row.unit / minor.unit
        return rest == 0 ? "\(whole)\(row.name)" : "\(whole)\(row.name)\(rest)\(minor.name)"
    }

    private struct Row {
        let below: Int64
        let unit: Int64
        let name: String
        var minor: (unit: Int64, name: String)?
    }

    private static let minute: Int64 = 60
    private static let hour = 60 * minute
    private static let day = 24 * hour
    private static let year = 365 * day

    private static let rows = [
        Row(below: 2 * minute, unit: 1, name: "s"),
        Row(below: 10 * minute, unit: minute, name: "m", minor: (1, "s")),
        Row(below: 3 * hour, unit: minute, name: "m"),
        Row(below: 8 * hour, unit: hour, name: "h", minor: (minute, "m")),
        Row(below: 2 * day, unit: hour, name: "h"),
        Row(below: 8 * day, unit: day, name: "d", minor: (hour, "h")),
        Row(below: 2 * year, unit: day, name: "d"),
        Row(below: 8 * year, unit: year, name: "y", minor: (day, "d")),
    ]
    private static let last = Row(below: .max, unit: year, name: "y")
}
