internal import Pprof

/// The stacks of a profile as frames, the root first, and the samples with a value in the order of these.
struct RootedStacks: Sendable {
    /// Rows of `FrameTable.frames`, one stack after the other.
    private(set) var frames: [UInt32] = []
    /// Rows of samples whose value is not 0, those with the same roots side by side.
    private(set) var order: [Int] = []
    private var starts: [Int] = [0]

    /// - Throws: `tooLarge` if the frames of all stacks exceed the options' memory.
    init(_ source: ReportSource) throws(ReportError) {
        let samples = source.profile.samples
        let table = source.frames
        let limit = source.options.treeBytes / MemoryLayout<UInt32>.stride
        starts.reserveCapacity(samples.count + 1)
        frames.reserveCapacity(min(samples.stacks.count, limit))
        for row in 0..<samples.count {
            if source.value(row) != 0 {
                order.append(row)
                for location in samples.stack(of: row).reversed() {
                    let begin = Int(table.locationStarts[Int(location.rawValue)])
                    let end = Int(table.locationStarts[Int(location.rawValue) + 1])
                    for place in stride(from: end - 1, through: begin, by: -1) {
                        frames.append(table.locationFrames[place])
                    }
                    guard frames.count <= limit else {
                        throw ReportError(
                            .tooLarge,
                            "the stacks have more than \(limit) frames, which is the limit; focus on a part of them")
                    }
                }
            }
            starts.append(frames.count)
        }
        sort()
    }

    /// Where the frames of a sample are.
    func range(of row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }

    /// How many frames two stacks begin with alike.
    func sharedPrefix(_ left: Range<Int>, _ right: Range<Int>) -> Int {
        let length = min(left.count, right.count)
        var shared = 0
        while shared < length, frames[left.lowerBound + shared] == frames[right.lowerBound + shared] { shared += 1 }
        return shared
    }

    /// By frames, then by length, then by row.
    private mutating func sort() {
        let starts = starts
        frames.withUnsafeBufferPointer { frames in
            order.sort { left, right in
                let (leftEnd, rightEnd) = (starts[left + 1], starts[right + 1])
                var (leftPlace, rightPlace) = (starts[left], starts[right])
                while leftPlace < leftEnd, rightPlace < rightEnd {
                    if frames[leftPlace] != frames[rightPlace] { return frames[leftPlace] < frames[rightPlace] }
                    leftPlace += 1
                    rightPlace += 1
                }
                let (leftRest, rightRest) = (leftEnd - leftPlace, rightEnd - rightPlace)
                return leftRest != rightRest ? leftRest < rightRest : left < right
            }
        }
    }
}
