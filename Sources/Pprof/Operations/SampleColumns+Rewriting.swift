extension SampleColumns {
    /// The samples for which `body` says true, with the stacks that it appends; values and labels stay.
    func rewriting(_ body: (_ row: Int, _ stack: inout [LocationIndex]) -> Bool) -> SampleColumns {
        var kept = SampleColumns()
        kept.valuesPerSample = valuesPerSample
        kept.stacks.reserveCapacity(stacks.count)
        kept.values.reserveCapacity(values.count)
        for row in 0..<count {
            let begin = kept.stacks.count
            guard body(row, &kept.stacks) else {
                kept.stacks.removeSubrange(begin...)
                continue
            }
            kept.finishSample(values: values(of: row), labels: labels(of: row))
        }
        return kept
    }

    /// Ends the sample whose stack was appended to `stacks`.
    mutating func finishSample(values newValues: some Sequence<Int64>, labels newLabels: some Sequence<SampleLabel>) {
        values.append(contentsOf: newValues)
        labels.append(contentsOf: newLabels)
        stackStarts.append(UInt32(truncatingIfNeeded: stacks.count))
        labelStarts.append(UInt32(truncatingIfNeeded: labels.count))
        count += 1
    }
}
