internal import Pprof

/// Frames and calls between them with their values, each sample counted once in every frame and every call of its stack,
/// however often recursion brings it there (google/pprof `graph.newGraph`).
struct CallGraph: Sendable {
    /// Shown nodes in their order.
    var nodes: [Node] = []
    /// Calls between shown nodes, by (caller, callee).
    var edges: [Edge] = []

    struct Node: Sendable {
        /// Row of `FrameTable.frames`.
        let frame: Int
        /// What the frame itself has.
        var flat: Int64 = 0
        /// With all that it calls.
        var cum: Int64 = 0
    }

    struct Edge: Sendable {
        /// Rows of `FrameTable.frames`.
        let caller: Int
        let callee: Int
        var weight: Int64
        /// Whether frames between the two aren't shown.
        var isResidual: Bool
        /// Whether every call is inlined.
        var isInline: Bool
    }

    /// Of the frames that `isKept` has; without edges if nobody asks for them.
    init(_ source: ReportSource, isKept: [Bool]? = nil, withEdges: Bool) {
        let walk = StackWalk(source, isKept: isKept, withEdges: withEdges)
        nodes = walk.nodes.filter { $0.cum != 0 || $0.flat != 0 }
        edges = walk.edges
    }

    /// Sum of what the nodes have themselves.
    var flatTotal: Int64 { nodes.reduce(0) { $0 &+ $1.flat } }
}

/// Walks all stacks from their roots.
private struct StackWalk {
    var nodes: [CallGraph.Node]
    var edges: [CallGraph.Edge] = []
    private var edgeRows: RowTable
    /// The sample that last counted in each node and edge.
    private var nodeStamps: [Int]
    private var edgeStamps: [Int] = []
    private let isKept: [Bool]?
    private let withEdges: Bool

    init(_ source: ReportSource, isKept: [Bool]?, withEdges: Bool) {
        nodes = (0..<source.frames.count).map { CallGraph.Node(frame: $0) }
        nodeStamps = [Int](repeating: -1, count: nodes.count)
        edgeRows = RowTable(capacity: withEdges ? nodes.count : 0)
        self.isKept = isKept
        self.withEdges = withEdges
        for row in 0..<source.profile.samples.count {
            let value = source.value(row)
            if value != 0 { walk(source, row, value) }
        }
    }

    private mutating func walk(_ source: ReportSource, _ row: Int, _ value: Int64) {
        let frames = source.frames
        var parent = -1
        var isResidual = false
        for location in source.profile.samples.stack(of: row).reversed() {
            let begin = Int(frames.locationStarts[Int(location.rawValue)])
            let end = Int(frames.locationStarts[Int(location.rawValue) + 1])
            for place in stride(from: end - 1, through: begin, by: -1) {
                let frame = Int(frames.locationFrames[place])
                if let isKept, !isKept[frame] {
                    isResidual = true
                    continue
                }
                if nodeStamps[frame] != row {
                    nodeStamps[frame] = row
                    nodes[frame].cum &+= value
                }
                if withEdges, parent >= 0, parent != frame {
                    addCall(parent, frame, value, row, isResidual: isResidual, isInline: place != end - 1)
                }
                parent = frame
                isResidual = false
            }
        }
        if parent >= 0, !isResidual { nodes[parent].flat &+= value }
    }

    private mutating func addCall(
        _ caller: Int, _ callee: Int, _ value: Int64, _ sample: Int, isResidual: Bool, isInline: Bool
    ) {
        var hash = SeededHash(seed: 0)
        hash.combine(UInt64(truncatingIfNeeded: caller) &<< 32 | UInt64(truncatingIfNeeded: callee))
        let known = edgeRows.row(hash: hash.value, orInsert: edges.count) { row in
            edges[row].caller == caller && edges[row].callee == callee
        }
        guard let known else {
            edges.append(
                CallGraph.Edge(
                    caller: caller, callee: callee, weight: value, isResidual: isResidual, isInline: isInline))
            edgeStamps.append(sample)
            return
        }
        guard edgeStamps[known] != sample else { return }
        edgeStamps[known] = sample
        edges[known].weight &+= value
        if isResidual { edges[known].isResidual = true }
        if !isInline { edges[known].isInline = false }
    }
}
