/// What is done to samples on their way into a merge.
struct SampleChange {
    /// A factor for each sample type; nil for 1 each. As google/pprof's `ScaleN`: rounded half away from zero; a sample stays
    /// only if a value that was scaled by other than 1 isn't 0.
    var factors: [Double]?
    /// Whether values change their sign, after the factors.
    var isNegated = false
    /// A text label that replaces those of its key.
    var label: (key: StaticString, value: StaticString)?

    var isNothing: Bool { factors == nil && !isNegated && label == nil }

    /// The values of a sample after the change; nil if the sample is dropped.
    func values(_ values: ArraySlice<Int64>) -> [Int64]? {
        var changed = Array(values)
        if let factors, factors.contains(where: { $0 != 1 }) {
            var stays = false
            for (index, factor) in factors.enumerated() where index < changed.count && factor != 1 {
                changed[index] = Self.scaled(changed[index], factor)
                if changed[index] != 0 { stays = true }
            }
            if !stays { return nil }
        }
        if isNegated { for index in changed.indices { changed[index] = 0 &- changed[index] } }
        return changed
    }

    /// The nearest end of the range where the product doesn't fit; 0 where it is no number.
    private static func scaled(_ value: Int64, _ factor: Double) -> Int64 {
        let product = (Double(value) * factor).rounded(.toNearestOrAwayFromZero)
        if let exact = Int64(exactly: product) { return exact }
        return product.isNaN ? 0 : product < 0 ? .min : .max
    }
}
