/// The samples of a merge: one for each stack with its labels.
struct SampleMerge {
    private(set) var columns = SampleColumns()
    private var rows = RowTable(capacity: 1024)
    private let seed: UInt64

    init(valuesPerSample: Int, seed: UInt64) {
        columns.valuesPerSample = valuesPerSample
        self.seed = seed
    }

    var byteCount: Int { columns.byteCount + rows.byteCount }

    /// Begins a sample; its stack and labels are appended, then `finish` is called.
    @inline(__always)
    mutating func append(_ location: LocationIndex) { columns.stacks.append(location) }

    /// google/pprof takes a label without text, number and unit for no label; so it is left out here.
    mutating func append(_ label: SampleLabel) {
        guard !label.text.isEmpty || label.number != 0 || !label.unit.isEmpty else { return }
        columns.labels.append(label)
    }

    /// Ends the sample: its values are added to those of the same stack and labels, or it is a new one.
    ///
    /// The order of labels counts among those of one key only. Sums wrap around at 64 bits, as Go's do: then merging in any
    /// order gives the same.
    mutating func finish(values: some Collection<Int64>) {
        let stackBegin = Int(columns.stackStarts[columns.count])
        let labelBegin = Int(columns.labelStarts[columns.count])
        if columns.labels.count - labelBegin > 1 { sortLabels(from: labelBegin) }
        let next = columns.count
        let hash = self.hash(stackBegin, labelBegin)
        let known = columns.matchingRow(&rows, hash, stackBegin, labelBegin)
        guard let known else {
            columns.values.append(contentsOf: values)
            columns.stackStarts.append(UInt32(truncatingIfNeeded: columns.stacks.count))
            columns.labelStarts.append(UInt32(truncatingIfNeeded: columns.labels.count))
            columns.count = next + 1
            return
        }
        columns.stacks.removeSubrange(stackBegin...)
        columns.labels.removeSubrange(labelBegin...)
        var place = known * columns.valuesPerSample
        for value in values {
            columns.values[place] &+= value
            place += 1
        }
    }

    private func hash(_ stackBegin: Int, _ labelBegin: Int) -> UInt32 {
        var hash = SeededHash(seed: seed)
        columns.stacks.withUnsafeBufferPointer { stacks in
            var place = stackBegin
            while place &+ 1 < stacks.count {
                hash.combine(UInt64(stacks[place].rawValue) &<< 32 | UInt64(stacks[place &+ 1].rawValue))
                place &+= 2
            }
            if place < stacks.count { hash.combine(UInt64(stacks[place].rawValue)) }
            hash.combine(UInt64(truncatingIfNeeded: stacks.count &- stackBegin))
        }
        for label in columns.labels[labelBegin...] {
            hash.combine(UInt64(label.key.rawValue) &<< 32 | UInt64(label.text.rawValue))
            hash.combine(UInt64(bitPattern: label.number) ^ UInt64(label.unit.rawValue) &<< 32)
        }
        return hash.value
    }

    /// By key, text before number; labels of one key keep their order. Most samples have two labels at most.
    private mutating func sortLabels(from begin: Int) {
        for place in (begin + 1)..<columns.labels.count {
            let label = columns.labels[place]
            var hole = place
            while hole > begin, label.comesBefore(columns.labels[hole - 1]) {
                columns.labels[hole] = columns.labels[hole - 1]
                hole -= 1
            }
            columns.labels[hole] = label
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
    /// The sample with the stack and labels that lie at the columns' ends.
    fileprivate func matchingRow(_ rows: inout RowTable, _ hash: UInt32, _ stackBegin: Int, _ labelBegin: Int) -> Int? {
        stacks.withUnsafeBufferPointer { stacks in
            rows.row(hash: hash, orInsert: count) { row in
                let begin = Int(stackStarts[row])
                let length = stacks.count &- stackBegin
                guard Int(stackStarts[row &+ 1]) &- begin == length else { return false }
                for offset in 0..<length where stacks[begin &+ offset] != stacks[stackBegin &+ offset] { return false }
                return labels(of: row).elementsEqual(labels[labelBegin...])
            }
        }
    }
}
