internal import Pprof

/// All stacks of a profile as one tree from the roots: the values that a flame graph shows.
///
/// A frame that recursion brings twice onto a stack is two nodes, one below the other, so no value counts twice in a node.
struct CallTree: Sendable {
    /// The root, which stands for all, is 0; a parent comes before its children.
    private(set) var nodes: [Node] = [Node(frame: -1, parent: -1)]

    struct Node: Sendable {
        /// Row of `FrameTable.frames`; -1 in the root.
        let frame: Int32
        let parent: Int32
        /// What ends here.
        var flat: Int64 = 0
        /// What goes through here; in a difference what is more (or, below 0, less) than in the base.
        var cum: Int64 = 0
        /// The absolute values that go through here: `cum` unless there are negative ones. Never less than a child's.
        var mass: Int64 = 0
    }

    /// Memory of a node and its place in the table of all, in bytes, about.
    private static let nodeBytes = 48

    /// - Throws: `tooLarge` above the memory of the options.
    init(_ source: ReportSource) throws(ReportError) {
        // Rows are 32 bits wide.
        let nodeLimit = min(source.options.treeBytes / Self.nodeBytes, Int(Int32.max) - 1)
        var rows = RowTable(capacity: source.profile.samples.count)
        let frames = source.frames
        for row in 0..<source.profile.samples.count {
            let value = source.value(row)
            if value == 0 { continue }
            let mass = value < 0 ? 0 &- value : value
            var node = 0
            add(value, mass, to: 0)
            for location in source.profile.samples.stack(of: row).reversed() {
                let begin = Int(frames.locationStarts[Int(location.rawValue)])
                let end = Int(frames.locationStarts[Int(location.rawValue) + 1])
                for place in stride(from: end - 1, through: begin, by: -1) {
                    node = child(of: node, Int(frames.locationFrames[place]), &rows)
                    add(value, mass, to: node)
                }
            }
            nodes[node].flat &+= value
            guard nodes.count <= nodeLimit else {
                throw ReportError(
                    .tooLarge,
                    "the call tree has more than \(nodeLimit) nodes, which is the limit; focus on a part of it")
            }
        }
    }

    private mutating func add(_ value: Int64, _ mass: Int64, to node: Int) {
        nodes[node].cum &+= value
        nodes[node].mass &+= mass
    }

    private mutating func child(of parent: Int, _ frame: Int, _ rows: inout RowTable) -> Int {
        var hash = SeededHash(seed: 0)
        hash.combine(UInt64(truncatingIfNeeded: parent) &<< 32 | UInt64(truncatingIfNeeded: frame))
        let known = rows.row(hash: hash.value, orInsert: nodes.count) { row in
            Int(nodes[row].parent) == parent && Int(nodes[row].frame) == frame
        }
        if let known { return known }
        nodes.append(Node(frame: Int32(truncatingIfNeeded: frame), parent: Int32(truncatingIfNeeded: parent)))
        return nodes.count - 1
    }

    /// Whether some value is negative.
    var isDifference: Bool { nodes[0].mass != nodes[0].cum }
}
