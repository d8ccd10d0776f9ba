internal import NIOConcurrencyHelpers

/// The metrics of a server, written as Prometheus text (exposition format 0.0.4).
///
/// A value handed to whoever counts; there is no global one. Families are made once at start, their series on first use;
/// a series is kept by whoever counts on a hot path, so that counting costs an atomic addition or a short lock.
/// Families are written in the order of their names.
public final class MetricsRegistry: Sendable {
    private struct State {
        var families: [String: any MetricFamily] = [:]
        var collectors: [@Sendable () -> Void] = []
    }
    private let state = NIOLockedValueBox(State())

    /// Makes an empty registry.
    public init() {}

    /// A family of counters. `name` ends in `_total`. Asked again with the same name gives the same family.
    public func counters(_ name: String, _ help: String, labels: [String] = []) -> CounterFamily {
        family(name) { CounterFamily(name: name, help: help, labels: labels, make: { Counter() }) }
    }

    /// A family of counters whose totals are kept elsewhere. `name` ends in `_total`.
    public func sampledCounters(_ name: String, _ help: String, labels: [String] = []) -> Family<SampledCounter> {
        family(name) { Family(name: name, help: help, labels: labels, make: { SampledCounter() }) }
    }

    /// A family of gauges.
    public func gauges(_ name: String, _ help: String, labels: [String] = []) -> GaugeFamily {
        family(name) { GaugeFamily(name: name, help: help, labels: labels, make: { Gauge() }) }
    }

    /// A family of histograms; `buckets` are upper bounds, rising, without the infinite one.
    public func histograms(
        _ name: String, _ help: String, labels: [String] = [], buckets: [Double]
    ) -> HistogramFamily {
        family(name) {
            HistogramFamily(name: name, help: help, labels: labels, make: { Histogram(buckets: buckets) })
        }
    }

    /// Runs `collect` before every ``exposition()``: for gauges read when asked for.
    public func beforeExposition(_ collect: @escaping @Sendable () -> Void) {
        state.withLockedValue { $0.collectors.append(collect) }
    }

    /// All families that have series.
    public func exposition() -> String {
        let (families, collectors) = state.withLockedValue { ($0.families, $0.collectors) }
        for collect in collectors { collect() }
        var text = ""
        for (_, family) in families.sorted(by: { $0.key < $1.key }) { family.write(to: &text) }
        return text
    }

    /// What is registered, by name, whether it has series yet or not.
    public var summaries: [MetricSummary] {
        state.withLockedValue { Array($0.families.values) }.map(\.summary).sorted { $0.name < $1.name }
    }

    private func family<Family: MetricFamily>(_ name: String, _ make: () -> Family) -> Family {
        state.withLockedValue { state in
            if let known = state.families[name] {
                guard let same = known as? Family else {
                    preconditionFailure("metric \(name) is registered with another type")
                }
                return same
            }
            let family = make()
            state.families[name] = family
            return family
        }
    }
}

/// A metric with its series, one per set of label values.
protocol MetricFamily: Sendable {
    var summary: MetricSummary { get }
    func write(to text: inout String)
}

/// Name, type and labels of a metric.
public struct MetricSummary: Sendable, Equatable {
    /// As Prometheus sees it.
    public let name: String
    /// `counter`, `gauge` or `histogram`.
    public let type: String
    /// In their order.
    public let labels: [String]
}
