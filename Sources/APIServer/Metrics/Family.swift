internal import NIOConcurrencyHelpers

/// One series' value and how it is written.
protocol MetricValue: Sendable {
    static var type: String { get }
    /// Writes the sample lines of a series whose labels are `labels` (`a="b",c="d"`, or empty).
    func write(name: String, labels: String, to text: inout String)
}

/// The counters of one name.
public typealias CounterFamily = Family<Counter>
/// The gauges of one name.
public typealias GaugeFamily = Family<Gauge>
/// The histograms of one name.
public typealias HistogramFamily = Family<Histogram>

/// All series of one metric. Bounded: beyond ``seriesLimit`` sets of label values, new ones share a series whose labels all
/// are `other`, so that no client can fill the memory or the monitoring by what it asks for.
public final class Family<Value: Sendable>: Sendable {
    /// How many series a family may have.
    public static var seriesLimit: Int { 5_000 }

    let name: String
    private let help: String
    private let labels: [String]
    private let make: @Sendable () -> Value
    private let series = NIOLockedValueBox<[[String]: Value]>([:])

    init(name: String, help: String, labels: [String], make: @escaping @Sendable () -> Value) {
        self.name = name
        self.help = help
        self.labels = labels
        self.make = make
    }

    /// The series of these label values, in the order of the family's labels; missing ones are empty, more are ignored.
    public func with(_ values: String...) -> Value { with(values) }

    /// As ``with(_:)-(String...)``.
    public func with(_ values: [String]) -> Value {
        var key = Array(values.prefix(labels.count))
        while key.count < labels.count { key.append("") }
        return series.withLockedValue { series in
            if let known = series[key] { return known }
            if series.count >= Self.seriesLimit {
                key = labels.map { _ in "other" }
                if let known = series[key] { return known }
            }
            let value = make()
            series[key] = value
            return value
        }
    }
}

extension Family: MetricFamily where Value: MetricValue {
    var summary: MetricSummary { MetricSummary(name: name, type: Value.type, labels: labels) }

    func write(to text: inout String) {
        let series = series.withLockedValue { $0 }
        guard !series.isEmpty else { return }
        text += "# HELP \(name) \(Exposition.escapedHelp(help))\n# TYPE \(name) \(Value.type)\n"
        let rows = series.map { (Exposition.labels(labels, $0.key), $0.value) }.sorted { $0.0 < $1.0 }
        for (labels, value) in rows { value.write(name: name, labels: labels, to: &text) }
    }
}

/// The lexical rules of the text format.
enum Exposition {
    static func labels(_ names: [String], _ values: [String]) -> String {
        zip(names, values).map { "\($0)=\"\(escapedValue($1))\"" }.joined(separator: ",")
    }

    static func sample(_ name: String, _ labels: String, _ value: String, to text: inout String) {
        text += name
        if !labels.isEmpty { text += "{\(labels)}" }
        text += " \(value)\n"
    }

    /// Whole numbers without a fraction, others in the shortest form that reads back the same.
    static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return value.isNaN ? "NaN" : value.description
    }

    static func escapedValue(_ value: String) -> String { escaped(value, quotes: true) }

    static func escapedHelp(_ help: String) -> String { escaped(help, quotes: false) }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": view.append(contentsOf: "\\n".unicodeScalars)
            case "\\": view.append(contentsOf: "\\\\".unicodeScalars)
            case "\"" where quotes: view.append(contentsOf: "\\\"".unicodeScalars)
            default: view.append(scalar)
            }
        }
        return String(view)
    }
}
