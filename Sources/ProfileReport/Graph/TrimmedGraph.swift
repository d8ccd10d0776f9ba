internal import Pprof

/// The part of a call graph that a report shows, chosen as google/pprof's `newTrimmedGraph` chooses it.
struct TrimmedGraph: Sendable {
    private(set) var graph: CallGraph
    /// Nodes left out since their value is too small.
    private(set) var droppedNodes = 0
    /// Nodes before their number was limited.
    private(set) var originalCount = 0
    private(set) var droppedEdges = 0
    /// The names of all frames.
    let names: [String]
    /// The unit that values are shown in.
    private(set) var unit = ""

    /// - Parameter isVisual: whether nodes are ordered by how much they tell in a picture, not by their value.
    init(_ source: ReportSource, isVisual: Bool) {
        names = source.frames.printableNames()
        let options = source.options
        graph = CallGraph(source, withEdges: false)
        let total = graph.flatTotal
        let nodeCutoff = Self.part(total, options.nodeFraction)
        let edgeCutoff = Self.part(total, options.edgeFraction)
        let all = graph.nodes.count
        if nodeCutoff > 0 { graph.nodes.removeAll { $0.cum.magnitude < nodeCutoff.magnitude } }
        droppedNodes = all - graph.nodes.count
        // Frames whose values cancel out stay between others as long as nothing is dropped, as pprof has it.
        if droppedNodes > 0 { rebuild(source) } else { graph = CallGraph(source, withEdges: true) }
        originalCount = graph.nodes.count
        sort(source, isVisual)
        let limit = options.nodeCount
        if limit > 0, graph.nodes.count > limit {
            graph.nodes.removeSubrange(limit...)
            rebuild(source)
            sort(source, isVisual)
        }
        let edges = graph.edges.count
        graph.edges.removeAll { $0.weight.magnitude < edgeCutoff.magnitude }
        droppedEdges = edges - graph.edges.count
        if isVisual { graph.removeRedundantEdges(names) }
        unit = chooseUnit(source)
    }

    /// The graph of the nodes that are there now: edges go over those that aren't.
    private mutating func rebuild(_ source: ReportSource) {
        var isKept = [Bool](repeating: false, count: source.frames.count)
        for node in graph.nodes { isKept[node.frame] = true }
        graph = CallGraph(source, isKept: isKept, withEdges: true)
    }

    /// The absolute value of a part of `total`, cut to an integer.
    static func part(_ total: Int64, _ fraction: Double) -> Int64 {
        let part = (Double(total) * fraction).rounded(.towardZero)
        return Int64(exactly: part.magnitude) ?? (part.isNaN ? 0 : .max)
    }

    private mutating func sort(_ source: ReportSource, _ isVisual: Bool) {
        let isByCum = source.options.order == .cum
        let scores = isVisual ? graph.entropyScores(source.frames.count) : []
        let frames = source.frames.frames
        graph.nodes.sort { left, right in
            let first: (UInt64, UInt64)
            if isVisual {
                first = (scores[left.frame].magnitude, scores[right.frame].magnitude)
            } else {
                first =
                    isByCum ? (left.cum.magnitude, right.cum.magnitude) : (left.flat.magnitude, right.flat.magnitude)
            }
            if first.0 != first.1 { return first.0 > first.1 }
            let addresses = (frames[left.frame].address, frames[right.frame].address)
            if addresses.0 != 0, addresses.1 != 0, addresses.0 != addresses.1 { return addresses.0 < addresses.1 }
            let (leftName, rightName) = (names[left.frame], names[right.frame])
            if leftName != rightName { return leftName.utf8.lexicographicallyPrecedes(rightName.utf8) }
            let second =
                isVisual || isByCum
                ? (left.flat.magnitude, right.flat.magnitude) : (left.cum.magnitude, right.cum.magnitude)
            return second.0 != second.1 ? second.0 > second.1 : left.frame < right.frame
        }
    }

    /// One unit for all values, so that they can be compared: that of the smallest value, or of a hundred times it where the
    /// largest is far above (google/pprof `selectOutputUnit`).
    private func chooseUnit(_ source: ReportSource) -> String {
        var smallest: Int64 = 0
        for node in graph.nodes {
            let value = node.flat != 0 ? node.flat : node.cum
            let size = value == .min ? .max : abs(value)
            if size > 0, smallest == 0 || size < smallest { smallest = size }
        }
        let unit = source.valueType.unit
        if graph.nodes.isEmpty { return "minimum" }
        if smallest == 0 { smallest = source.total }
        func shown(_ value: Int64) -> String { Measurement.scale(value, from: unit, to: "minimum").unit }
        let (hundredfold, overflow) = smallest.multipliedReportingOverflow(by: 100)
        var chosen = shown(smallest)
        if chosen != shown(source.total), !overflow, hundredfold < source.total { chosen = shown(hundredfold) }
        return chosen.isEmpty ? unit : chosen
    }
}
