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

    /// Adds the stacks in the order of their frames: what one shares with the one before is on its path, all else is new. So no node is
    /// looked for, and the tree is written from its beginning to its end.
    ///
    /// - Throws: `tooLarge` above the memory of the options.
    init(_ source: ReportSource) throws(ReportError) {
        let stacks = try RootedStacks(source)
        // Parents are 32 bits wide.
        let nodeLimit = min(source.options.treeBytes / MemoryLayout<Node>.stride, Int(Int32.max))
        var path: [Int] = []
        var previous = 0..<0
        for row in stacks.order {
            let value = source.value(row)
            let mass = value < 0 ? 0 &- value : value
            let stack = stacks.range(of: row)
            let shared = stacks.sharedPrefix(previous, stack)
            path.removeLast(path.count - shared)
            previous = stack
            add(value, mass, to: 0)
            for node in path { add(value, mass, to: node) }
            guard nodes.count + stack.count - shared <= nodeLimit else {
                throw ReportError(
                    .tooLarge,
                    "the call tree has more than \(nodeLimit) nodes, which is the limit; focus on a part of it")
            }
            for frame in stacks.frames[(stack.lowerBound + shared)..<stack.upperBound] {
                var node = Node(
                    frame: Int32(truncatingIfNeeded: frame), parent: Int32(truncatingIfNeeded: path.last ?? 0))
                node.cum = value
                node.mass = mass
                path.append(nodes.count)
                nodes.append(node)
            }
            nodes[path.last ?? 0].flat &+= value
        }
    }

    private mutating func add(_ value: Int64, _ mass: Int64, to node: Int) {
        nodes[node].cum &+= value
        nodes[node].mass &+= mass
    }

    /// Whether some value is negative.
    var isDifference: Bool { nodes[0].mass != nodes[0].cum }
}
