internal import APIMachinery

/// The integers that a selector's `>` and `<` on the range label leave, both ends included.
struct RangeBounds: Sendable, Equatable {
    var low = Int64.min
    var high = Int64.max

    var isUnbounded: Bool { low == .min && high == .max }

    /// Takes what the requirements on that label say.
    init(_ selector: LabelSelector, label: String) {
        for requirement in selector.requirements where requirement.key == label {
            guard let operand = requirement.values.first.flatMap(Self.integer) else { continue }
            switch requirement.operator {
            case .greaterThan where operand < .max: low = max(low, operand + 1)
            // Nothing is above the greatest integer; the selector itself will refuse all rows.
            case .greaterThan: low = .max
            case .lessThan where operand > .min: high = min(high, operand - 1)
            case .lessThan: high = .min
            default: break
            }
        }
    }

    /// The integer that a label's value is to `>` and `<`: decimal, ASCII, with an optional sign; nil for other texts.
    static func integer(_ text: String) -> Int64? { Int64(text) }
}
