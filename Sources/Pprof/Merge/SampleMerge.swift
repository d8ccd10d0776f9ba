internal import Glibc

/// The samples of a merge: one for each stack with its labels.
struct SampleMerge {
    private(set) var columns = SampleColumns()
    private var rows = RowTable(capacity: 1024)
    private let seed: UInt64

    /// The sample that is being added; of the stack the first `depth` entries count.
    private var stack: [LocationIndex] = []
    private var depth = 0
    private var labels: [SampleLabel] = []
    private var hash: SeededHash

    init(valuesPerSample: Int, seed: UInt64) {
        columns.valuesPerSample = valuesPerSample
        self.seed = seed
        hash = SeededHash(seed: seed)
    }

    var byteCount: Int { columns.byteCount + rows.byteCount }

    /// Begins a sample, whose stack is `source` with each location replaced by its row of `merged`; then come its labels, and
    /// `finish`.
    mutating func begin(_ source: ArraySlice<LocationIndex>, _ merged: [UInt32]) {
        depth = source.count
        if stack.count < depth { stack = [LocationIndex](repeating: LocationIndex(0), count: 2 * depth) }
        labels.removeAll(keepingCapacity: true)
        var hash = SeededHash(seed: seed)
        hash.combine(UInt64(truncatingIfNeeded: depth))
        // Two at a time, because a step of the hash takes 64 bits.
        var pair: UInt64 = 0
        var span = stack.mutableSpan
        for (place, location) in source.enumerated() {
            let row = merged[Int(location.rawValue)]
            span[place] = LocationIndex(row)
            pair = pair &<< 32 | UInt64(row)
            if place & 1 == 1 { hash.combine(pair) }
        }
        if depth & 1 == 1 { hash.combine(pair) }
        self.hash = hash
    }

    /// google/pprof takes a label without text, number and unit for no label; so it is left out here.
    mutating func append(_ label: SampleLabel) {
        guard !label.text.isEmpty || label.number != 0 || !label.unit.isEmpty else { return }
        labels.append(label)
    }

    /// Ends the sample: its values are added to those of the same stack and labels, or it is a new one.
    ///
    /// The order of labels counts among those of one key only. Sums wrap around at 64 bits, as Go's do: then merging in any
    /// order gives the same.
    mutating func finish(values: some Collection<Int64>) {
        if labels.count > 1 { sortLabels() }
        for label in labels {
            hash.combine(UInt64(label.key.rawValue) &<< 32 | UInt64(label.text.rawValue))
            hash.combine(UInt64(bitPattern: label.number) ^ UInt64(label.unit.rawValue) &<< 32)
        }
        let known = rows.row(hash: hash.value, orInsert: columns.count) { columns.hasSample($0, stack, depth, labels) }
        guard let known else {
            columns.stacks.append(contentsOf: stack[..<depth])
            columns.finishSample(values: values, labels: labels)
            return
        }
        var place = known * columns.valuesPerSample
        for value in values {
            columns.values[place] &+= value
            place += 1
        }
    }

    /// By key, text before number; labels of one key keep their order. Most samples have two labels at most.
    private mutating func sortLabels() {
        for place in 1..<labels.count {
            let label = labels[place]
            var hole = place
            while hole > 0, label.comesBefore(labels[hole - 1]) {
                labels[hole] = labels[hole - 1]
                hole -= 1
            }
            labels[hole] = label
        }
    }
}

extension SampleLabel {
    fileprivate func comesBefore(_ other: SampleLabel) -> Bool {
        if isNumeric != other.isNumeric { return !isNumeric }
        return key < other.key
    }
}

extension SampleColumns {
    /// Whether the sample `row` has this stack, of which `depth` entries count, and these labels.
    @inline(__always)
    fileprivate func hasSample(
        _ row: Int, _ stack: [LocationIndex], _ depth: Int, _ labels: [SampleLabel]
    ) -> Bool {
        let begin = Int(stackStarts[row])
        guard Int(stackStarts[row &+ 1]) &- begin == depth,
            Int(labelStarts[row &+ 1]) &- Int(labelStarts[row]) == labels.count,
            stacks.hasRun(at: begin, equalTo: stack, count: depth)
        else { return false }
        return labels.isEmpty || self.labels(of: row).elementsEqual(labels)
    }
}

extension [LocationIndex] {
    /// Whether the `count` entries from `begin` on are the first `count` of `other`; false where there aren't so many.
    @inline(__always)
    fileprivate func hasRun(at begin: Int, equalTo other: [LocationIndex], count depth: Int) -> Bool {
        guard begin >= 0, depth >= 0, begin <= count &- depth, depth <= other.count else { return false }
        return withUnsafeBufferPointer { kept in
            other.withUnsafeBufferPointer { other in
                guard let kept = kept.baseAddress, let other = other.baseAddress else { return depth == 0 }
                return memcmp(kept + begin, other, depth &* MemoryLayout<LocationIndex>.stride) == 0
            }
        }
    }
}
