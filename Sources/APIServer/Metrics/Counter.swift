internal import Synchronization

/// A number that only rises.
public final class Counter: Sendable, MetricValue {
    static var type: String { "counter" }
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Adds `amount`.
    public func increment(by amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

    /// The count so far.
    public var value: UInt64 { count.load(ordering: .relaxed) }

    func write(name: String, labels: String, to text: inout String) {
        Exposition.sample(name, labels, String(value), to: &text)
    }
}

/// A number that rises and falls.
public final class Gauge: Sendable, MetricValue {
    static var type: String { "gauge" }
    private let bits = Atomic<UInt64>(0)

    init() {}

    /// Sets the value.
    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    /// Adds `amount`, which may be negative.
    public func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, found) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = found
        }
    }

    /// The value now.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func write(name: String, labels: String, to text: inout String) {
        Exposition.sample(name, labels, Exposition.number(value), to: &text)
    }
}

/// A number that only rises but is counted elsewhere, such as processor time: set to its total when asked for.
public final class SampledCounter: Sendable, MetricValue {
    static var type: String { "counter" }
    private let total = Gauge()

    init() {}

    /// Sets the total so far.
    public func set(_ value: Double) { total.set(value) }

    func write(name: String, labels: String, to text: inout String) {
        total.write(name: name, labels: labels, to: &text)
    }
}
