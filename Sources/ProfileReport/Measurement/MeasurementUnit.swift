/// A unit that values are shown in, e.g. `ms`.
struct MeasurementUnit: Sendable {
    let name: String
    /// What producers call it, in small letters and the singular.
    let aliases: [String]
    /// Its size in the kind's smallest unit.
    let factor: Double

    init(_ name: String, _ aliases: [String], _ factor: Double) {
        self.name = name
        self.aliases = aliases
        self.factor = factor
    }
}

/// Units that can be converted into each other (google/pprof `measurement.UnitTypes`).
struct MeasurementKind: Sendable {
    /// Smallest first.
    let units: [MeasurementUnit]
    /// What values below the smallest unit, and units that aren't known here, are shown in.
    let fallback: MeasurementUnit

    static let all = [memory, time, gcu]

    static let memory = MeasurementKind(
        units: [
            MeasurementUnit("B", ["b", "byte"], 1),
            MeasurementUnit("kB", ["kb", "kbyte", "kilobyte"], 0x1p10),
            MeasurementUnit("MB", ["mb", "mbyte", "megabyte"], 0x1p20),
            MeasurementUnit("GB", ["gb", "gbyte", "gigabyte"], 0x1p30),
            MeasurementUnit("TB", ["tb", "tbyte", "terabyte"], 0x1p40),
            MeasurementUnit("PB", ["pb", "pbyte", "petabyte"], 0x1p50),
        ], fallback: MeasurementUnit("B", [], 1))

    static let time = MeasurementKind(
        units: [
            MeasurementUnit("ns", ["ns", "nanosecond"], 1),
            MeasurementUnit("us", ["μs", "us", "microsecond"], 1e3),
            MeasurementUnit("ms", ["ms", "millisecond"], 1e6),
            MeasurementUnit("s", ["s", "sec", "second"], 1e9),
            MeasurementUnit("hrs", ["hour", "hr"], 3600e9),
        ], fallback: MeasurementUnit("s", [], 1e9))

    /// Google's unit of computing; it comes with pprof.
    static let gcu = MeasurementKind(
        units: [
            MeasurementUnit("n*GCU", ["nanogcu"], 1e-9), MeasurementUnit("u*GCU", ["microgcu"], 1e-6),
            MeasurementUnit("m*GCU", ["milligcu"], 1e-3), MeasurementUnit("GCU", ["gcu"], 1),
            MeasurementUnit("k*GCU", ["kilogcu"], 1e3), MeasurementUnit("M*GCU", ["megagcu"], 1e6),
            MeasurementUnit("G*GCU", ["gigagcu"], 1e9), MeasurementUnit("T*GCU", ["teragcu"], 1e12),
            MeasurementUnit("P*GCU", ["petagcu"], 1e15),
        ], fallback: MeasurementUnit("GCU", [], 1))

    /// The unit by any of its names, in the plural too.
    func unit(_ name: String) -> MeasurementUnit? {
        var name = name.lowercased()
        if name.utf8.count > 2, name.hasSuffix("s") { name.removeLast() }
        return units.first { $0.aliases.contains(name) }
    }

    /// The largest unit that `value`, in the smallest one's size, has at least one of.
    func largest(_ value: Double) -> MeasurementUnit? {
        units.reduce(nil) { best, unit in
            unit.factor >= (best?.factor ?? 0) && value / unit.factor >= 1 ? unit : best
        }
    }
}
