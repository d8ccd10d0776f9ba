/// Counts of bytes for people, in binary units.
public enum HumanBytes {
    /// At most one digit behind the point, cut off: `0`, `1023`, `1Ki`, `25.1Ki`, `3.4Gi`; a Table's cell.
    public static func text(_ bytes: Int64) -> String {
        let sign = bytes < 0 ? "-" : ""
        var unit: UInt64 = 1
        var names = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][...]
        while names.count > 1, bytes.magnitude / unit >= 1024 {
            unit <<= 10
            names = names.dropFirst()
        }
        let whole = bytes.magnitude / unit
        let tenth = bytes.magnitude % unit * 10 / unit  // A remainder below 2^60, so ten of it fit.
        return "\(sign)\(whole)\(tenth == 0 ? "" : ".\(tenth)")\(names.first ?? "")"
    }
}

/// The totals of a profile for people, as pprof prints them (google/pprof internal/measurement): two digits
/// behind the point, rounded, zeros at the end left out: `9.64s`, `1.50mins`, `12.30MB`, `1.2M`.
public enum HumanMeasurement {
    /// - Parameters:
    ///   - value: in `unit`.
    ///   - unit: a profile.proto ValueType.unit: time (`nanoseconds us ms seconds minutes hours`), memory
    ///     (`bytes kb kilobytes megabytes …`) or anything else, which is counted (`count objects`).
    public static func text(_ value: Int64, unit: String) -> String {
        for family in [time, memory] {
            if let from = family.first(where: { $0.names.contains(unit.lowercased()) }) {
                return scaled(Double(value) * from.factor, family.filter { !$0.text.isEmpty })
            }
        }
        return scaled(Double(value), counts)
    }

    private struct Unit {
        let factor: Double
        /// Behind the number; empty for a unit that is read and not printed.
        let text: String
        var names: Set<String> = []
        /// Digits behind the point, at most.
        var places = 2
    }

    private static let time = [
        Unit(factor: 1, text: "ns", names: ["nanoseconds", "nanosecond", "ns"]),
        Unit(factor: 1e3, text: "us", names: ["microseconds", "microsecond", "us", "µs"]),
        Unit(factor: 1e6, text: "ms", names: ["milliseconds", "millisecond", "ms"]),
        Unit(factor: 1e9, text: "s", names: ["seconds", "second", "sec", "s"]),
        Unit(factor: 60e9, text: "mins", names: ["minutes", "minute", "min", "mins"]),
        Unit(factor: 3600e9, text: "hrs", names: ["hours", "hour", "hr", "hrs"]),
    ]
    private static let memory = [
        Unit(factor: 1, text: "B", names: ["bytes", "byte", "b"]),
        Unit(factor: 1024, text: "kB", names: ["kilobytes", "kilobyte", "kb"]),
        Unit(factor: 1_048_576, text: "MB", names: ["megabytes", "megabyte", "mb"]),
        Unit(factor: 1_073_741_824, text: "GB", names: ["gigabytes", "gigabyte", "gb"]),
        Unit(factor: 1_099_511_627_776, text: "TB", names: ["terabytes", "terabyte", "tb"]),
        Unit(factor: 1_125_899_906_842_624, text: "PB", names: ["petabytes", "petabyte", "pb"]),
    ]
    private static let counts = [
        Unit(factor: 1, text: ""),
        Unit(factor: 1e3, text: "k", places: 1),
        Unit(factor: 1e6, text: "M", places: 1),
        Unit(factor: 1e9, text: "G", places: 1),
        Unit(factor: 1e12, text: "T", places: 1),
    ]

    /// In the largest unit of which it is at least one, after rounding.
    private static func scaled(_ value: Double, _ units: [Unit]) -> String {
        let fits = units.last { abs(value) >= $0.factor * 0.999_5 } ?? units.first
        guard let unit = fits, value != 0 else { return "0" }
        return decimal(value / unit.factor, places: unit.places) + unit.text
    }

    private static func decimal(_ value: Double, places: Int) -> String {
        let scale: Int64 = places == 1 ? 10 : 100
        // Any Int64 in any unit is below 1e35 ns, and that is above 1e19 hundredths only in hours.
        guard let hundredths = Int64(exactly: (abs(value) * Double(scale)).rounded()) else { return value.description }
        let sign = value < 0 && hundredths > 0 ? "-" : ""
        let fraction = hundredths % scale
        guard fraction > 0 else { return "\(sign)\(hundredths / scale)" }
        var digits = String(scale + fraction).dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(hundredths / scale).\(digits)"
    }
}
