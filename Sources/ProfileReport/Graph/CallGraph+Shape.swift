#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

extension CallGraph {
    /// How much each frame tells in a picture: its value, the more the less its calls just pass through
    /// (google/pprof `entropyScore`).
    func entropyScores(_ frameCount: Int) -> [Int64] {
        var incoming = [[Int64]](repeating: [], count: frameCount)
        var outgoing = incoming
        for edge in edges {
            incoming[edge.callee].append(edge.weight)
            outgoing[edge.caller].append(edge.weight)
        }
        var scores = [Int64](repeating: 0, count: frameCount)
        for node in nodes {
            let entries = incoming[node.frame].isEmpty ? 1 : Self.entropy(incoming[node.frame], own: 0)
            let exits = outgoing[node.frame].isEmpty ? 1 : Self.entropy(outgoing[node.frame], own: node.flat)
            let score = ((entries + exits) * Double(node.cum)).rounded(.towardZero)
            scores[node.frame] = (Int64(exactly: score) ?? (score < 0 ? .min : .max)) &+ node.flat
        }
        return scores
    }

    private static func entropy(_ weights: [Int64], own: Int64) -> Double {
        let total = weights.reduce(Double(own)) { $0 + max(0, Double($1)) }
        guard total != 0 else { return 0 }
        var score = 0.0
        func add(_ weight: Int64) {
            let fraction = Double(weight.magnitude) / total
            if fraction > 0 { score -= fraction * log2(fraction) }
        }
        for weight in weights { add(weight) }
        if own > 0 { add(own) }
        return score
    }

    /// Takes edges over frames that aren't shown away where another path leads to the same place, the lightest first.
    ///
    /// - Parameter names: of all frames; among equals the order is by the callers' names.
    mutating func removeRedundantEdges(_ names: [String]) {
        var incoming = [[Int]](repeating: [], count: names.count)
        for (row, edge) in edges.enumerated() { incoming[edge.callee].append(row) }
        var isRemoved = [Bool](repeating: false, count: edges.count)
        for node in nodes.reversed() {
            let sorted = incoming[node.frame].sorted { left, right in
                let (leftWeight, rightWeight) = (edges[left].weight.magnitude, edges[right].weight.magnitude)
                if leftWeight != rightWeight { return leftWeight > rightWeight }
                return names[edges[left].caller].utf8.lexicographicallyPrecedes(names[edges[right].caller].utf8)
            }
            for row in sorted.reversed() {
                // An edge heavier than a direct one stays, to avoid confusion.
                guard edges[row].isResidual else { break }
                if hasOtherPath(row, incoming, isRemoved) { isRemoved[row] = true }
            }
        }
        edges = zip(edges, isRemoved).filter { !$0.1 }.map(\.0)
    }

    private func hasOtherPath(_ edge: Int, _ incoming: [[Int]], _ isRemoved: [Bool]) -> Bool {
        var seen: Set<Int> = [edges[edge].callee]
        var queue = [edges[edge].callee]
        while let frame = queue.popLast() {
            for row in incoming[frame] where row != edge && !isRemoved[row] && !seen.contains(edges[row].caller) {
                if edges[row].caller == edges[edge].caller { return true }
                seen.insert(edges[row].caller)
                queue.append(edges[row].caller)
            }
        }
        return false
    }
}
