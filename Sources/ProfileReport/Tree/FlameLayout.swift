/// Chooses the boxes of a flame graph and puts them into drawing order.
struct FlameLayout {
    private(set) var boxes: [FlameGraph.Box] = []

    /// Keeps the `maxNodes` widest nodes. A parent is never narrower than its child and comes before it, so what is kept is a
    /// tree again; what is cut below a node stands beside its kept children in one box.
    init(_ tree: CallTree, names: [String], maxNodes: Int) {
        let nodes = tree.nodes
        var isKept = [Bool](repeating: nodes.count <= maxNodes, count: nodes.count)
        if nodes.count > maxNodes {
            let order = nodes.indices.sorted { left, right in
                nodes[left].mass != nodes[right].mass ? nodes[left].mass > nodes[right].mass : left < right
            }
            for node in order.prefix(maxNodes) { isKept[node] = true }
        }
        var rank = [Int](repeating: 0, count: names.count)
        let byName = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
        for (place, row) in byName.enumerated() { rank[row] = place }
        let children = Children(nodes, isKept)
        // Depth first without recursion: stacks may be thousands deep.
        var stack: [(node: Int, depth: Int)] = [(0, 0)]
        while let (node, depth) = stack.popLast() {
            let frame = Int(nodes[node].frame)
            boxes.append(
                FlameGraph.Box(
                    name: frame < 0 ? nil : frame, depth: depth, flat: nodes[node].flat, cum: nodes[node].cum,
                    mass: nodes[node].mass, cutCount: 0))
            var kept = children.of(node)
            kept.sort { rank[Int(nodes[$0].frame)] > rank[Int(nodes[$1].frame)] }
            if let cut = children.cut[node] {
                // The children follow this box in drawing order, and it comes first among them so that it needs no place of its own.
                boxes.append(
                    FlameGraph.Box(
                        name: nil, depth: depth + 1, flat: 0, cum: cut.cum, mass: cut.mass, cutCount: cut.count))
            }
            for child in kept { stack.append((child, depth + 1)) }
        }
    }

    /// The kept children of each node, and what was cut below it.
    private struct Children {
        private var rows: [Int]
        private var starts: [Int]
        var cut: [Int: (count: Int, cum: Int64, mass: Int64)] = [:]

        init(_ nodes: [CallTree.Node], _ isKept: [Bool]) {
            starts = [Int](repeating: 0, count: nodes.count + 1)
            for node in nodes.indices.dropFirst() where isKept[node] { starts[Int(nodes[node].parent) + 1] += 1 }
            for place in 1..<starts.count { starts[place] += starts[place - 1] }
            rows = [Int](repeating: 0, count: starts[nodes.count])
            var next = starts
            // The nearest kept node above each node that was cut.
            var keptAbove = [Int](repeating: 0, count: nodes.count)
            for node in nodes.indices.dropFirst() {
                let parent = Int(nodes[node].parent)
                if isKept[node] {
                    rows[next[parent]] = node
                    next[parent] += 1
                    continue
                }
                keptAbove[node] = isKept[parent] ? parent : keptAbove[parent]
                var sum = cut[keptAbove[node]] ?? (0, 0, 0)
                sum.count += 1
                if isKept[parent] {
                    sum.cum &+= nodes[node].cum
                    sum.mass &+= nodes[node].mass
                }
                cut[keptAbove[node]] = sum
            }
        }

        func of(_ node: Int) -> [Int] { Array(rows[starts[node]..<starts[node + 1]]) }
    }
}
