extension SampleColumns {
    /// The sum of each value over all samples, in the order of the sample types.
    ///
    /// Summed in 128 bits, so that a sum is exact wherever it fits 64, and the nearest end of the range where it doesn't.
    func totals() -> [Int64] {
        var totals = [Int64](repeating: 0, count: valuesPerSample)
        for column in totals.indices {
            var sum: Int128 = 0
            var index = column
            while index < values.count {
                sum &+= Int128(values[index])
                index &+= valuesPerSample
            }
            totals[column] = Int64(clamping: sum)
        }
        return totals
    }
}
