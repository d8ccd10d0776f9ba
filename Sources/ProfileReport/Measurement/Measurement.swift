/// Values as people read them, in the words of google/pprof's `measurement` package.
public enum Measurement {
    /// `value` in another unit, and that unit's short name; "" where the name says nothing (counts).
    ///
    /// `unit` "auto" or "minimum" chooses the largest unit that leaves 1 or more.
    static func scale(_ value: Int64, from: String, to unit: String) -> (value: Double, unit: String) {
        if value < 0, value != .min {
            let scaled = scale(-value, from: from, to: unit)
            return (-scaled.value, scaled.unit)
        }
        for kind in MeasurementKind.all {
            guard let source = kind.unit(from) else { continue }
            let base = Double(value) * source.factor
            let wanted = unit == "minimum" || unit == "auto" ? kind.largest(base) : kind.unit(unit)
            let target = wanted ?? kind.fallback
            return (base / target.factor, target.name)
        }
        let isPlain = ["count", "sample", "unit", "minimum", "auto"].contains(unit)
        return (Double(value), isPlain ? "" : unit)
    }

    /// E.g. `1.50s`, `12.03MB`, `964`; 0 has no unit.
    public static func text(_ value: Int64, unit: String, in target: String = "auto") -> String {
        let scaled = scale(value, from: unit, to: target)
        var number = NumberText.fixed2(scaled.value)
        if number.hasSuffix(".00") { number.removeLast(3) }
        return number == "0" || number == "-0" ? "0" : number + scaled.unit
    }

    /// E.g. `  100%`, `64.07%`, ` 0.71%`; without sign, six or more wide. Two digits count below 1 %.
    public static func percentage(_ value: Int64, of total: Int64) -> String {
        let ratio = total == 0 ? 0 : (Double(value) / Double(total)).magnitude * 100
        if ratio >= 99.95, ratio <= 100.05 { return "  100%" }
        return (ratio >= 1 ? NumberText.fixed2(ratio, width: 5) : NumberText.general2(ratio, width: 5)) + "%"
    }
}
