/// `Profile.sample` as columns: row i is the i-th sample.
public struct SampleColumns: Sendable {
    /// Number of samples.
    public internal(set) var count = 0
    /// Number of values of each sample, which is the number of sample types.
    public internal(set) var valuesPerSample = 0
    /// `Sample.value`, all of sample 0, then all of sample 1 …: `count * valuesPerSample` entries.
    public internal(set) var values: [Int64] = []
    /// `Sample.location_id` resolved to rows of `LocationColumns`, leaf first, stacks one after the other.
    public internal(set) var stacks: [LocationIndex] = []
    /// Where each stack begins in `stacks`, and last where the last one ends: `count + 1` entries.
    public internal(set) var stackStarts: [UInt32] = [0]
    /// `Sample.label` of all samples, one after the other.
    public internal(set) var labels: [SampleLabel] = []
    /// Where each sample's labels begin in `labels`, and last where the last ones end: `count + 1` entries.
    public internal(set) var labelStarts: [UInt32] = [0]

    /// The values of sample `row`, in the order of the sample types.
    public func values(of row: Int) -> ArraySlice<Int64> {
        values[row * valuesPerSample..<(row + 1) * valuesPerSample]
    }

    /// The stack of sample `row`, leaf first; may be empty.
    public func stack(of row: Int) -> ArraySlice<LocationIndex> {
        stacks[Int(stackStarts[row])..<Int(stackStarts[row + 1])]
    }

    /// The labels of sample `row` in their order; keys may repeat.
    public func labels(of row: Int) -> ArraySlice<SampleLabel> {
        labels[Int(labelStarts[row])..<Int(labelStarts[row + 1])]
    }

    /// Memory of the columns.
    var byteCount: Int {
        Self.byteCount(samples: count, values: values.count, stacks: stacks.count, labels: labels.count)
    }

    /// Memory of columns with so many entries.
    @inline(__always)
    static func byteCount(samples: Int, values: Int, stacks: Int, labels: Int) -> Int {
        values &* MemoryLayout<Int64>.stride &+ stacks &* MemoryLayout<LocationIndex>.stride
            &+ labels &* MemoryLayout<SampleLabel>.stride &+ 2 &* (samples &+ 1) &* MemoryLayout<UInt32>.stride
    }

    /// Memory of one sample without stack and labels.
    static func bytesPerSample(values: Int) -> Int {
        values &* MemoryLayout<Int64>.stride &+ 2 &* MemoryLayout<UInt32>.stride
    }
}

/// `profile.proto Label`: a text, or a number with a unit.
public struct SampleLabel: Sendable, Hashable {
    /// `Label.key`.
    public let key: StringIndex
    /// `Label.str`; `.empty` in a numeric label.
    public let text: StringIndex
    /// `Label.num`; 0 in a text label.
    public let number: Int64
    /// `Label.num_unit`; `.empty` if none is told.
    public let unit: StringIndex

    /// Whether the number counts: google/pprof takes a label without text as numeric.
    public var isNumeric: Bool { text.isEmpty }
}
