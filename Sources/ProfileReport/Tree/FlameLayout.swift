/// Chooses the boxes of a flame graph and puts them into drawing order.
struct FlameLayout {
    private(set) var boxes: [FlameGraph.Box] = []

    /// Keeps the `maxNodes` widest nodes. A parent is never narrower than its child, so what is kept is a tree again; what is cut
    /// below a node stands beside its kept children in one box.
    init(_ tree: CallTree, names: [String], maxNodes: Int) {
        let nodes = tree.nodes
        let children = TreeChildren(nodes)
        let isKept = Self.widest(nodes, children, maxNodes)
        let cuts = nodes.count > maxNodes ? Self.cuts(nodes, isKept) : [:]
        var rank = [Int](repeating: 0, count: names.count)
        let byName = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
        for (place, row) in byName.enumerated() { rank[row] = place }
        // Depth first without recursion: stacks may be thousands deep.
        var stack: [(node: Int, depth: Int)] = [(0, 0)]
        while let (node, depth) = stack.popLast() {
            let frame = Int(nodes[node].frame)
            boxes.append(
                FlameGraph.Box(
                    name: frame < 0 ? nil : frame, depth: depth, flat: nodes[node].flat, cum: nodes[node].cum,
                    mass: nodes[node].mass, cutCount: 0))
            if let cut = cuts[node] {
                // First of the children, so that it needs no place of its own.
                boxes.append(
                    FlameGraph.Box(
                        name: nil, depth: depth + 1, flat: 0, cum: cut.cum, mass: cut.mass, cutCount: cut.count))
            }
            var kept = children.of(node).filter { isKept[Int($0)] }
            kept.sort { rank[Int(nodes[Int($0)].frame)] > rank[Int(nodes[Int($1)].frame)] }
            for child in kept { stack.append((Int(child), depth + 1)) }
        }
    }

    /// Goes down from the root, always to the widest node that is not taken yet.
    private static func widest(_ nodes: [CallTree.Node], _ children: TreeChildren, _ maxNodes: Int) -> [Bool] {
        guard nodes.count > maxNodes else { return [Bool](repeating: true, count: nodes.count) }
        var isKept = [Bool](repeating: false, count: nodes.count)
        var heap = WidestFirst(nodes)
        heap.insert(0)
        for _ in 0..<maxNodes {
            guard let node = heap.removeFirst() else { break }
            isKept[node] = true
            for child in children.of(node) { heap.insert(Int(child)) }
        }
        return isKept
    }

    private typealias Cut = (count: Int, cum: Int64, mass: Int64)

    /// What was cut, by the nearest kept node above it.
    private static func cuts(_ nodes: [CallTree.Node], _ isKept: [Bool]) -> [Int: Cut] {
        // Kept nodes are few: their cuts lie side by side, and each cut node knows which of them is above it.
        var rows = [Int32](repeating: 0, count: nodes.count)
        var cuts: [Cut] = []
        var above: [Int] = []
        for node in nodes.indices {
            if isKept[node] {
                rows[node] = Int32(truncatingIfNeeded: cuts.count)
                cuts.append((0, 0, 0))
                above.append(node)
                continue
            }
            let parent = Int(nodes[node].parent)
            let row = rows[parent]
            rows[node] = row
            cuts[Int(row)].count += 1
            guard isKept[parent] else { continue }
            cuts[Int(row)].cum &+= nodes[node].cum
            cuts[Int(row)].mass &+= nodes[node].mass
        }
        return Dictionary(
            uniqueKeysWithValues: cuts.indices.filter { cuts[$0].count > 0 }.map { (above[$0], cuts[$0]) })
    }
}

/// The children of each node of a call tree.
private struct TreeChildren {
    private var rows: [Int32]
    private var starts: [Int]

    init(_ nodes: [CallTree.Node]) {
        starts = [Int](repeating: 0, count: nodes.count + 1)
        for node in nodes.dropFirst() { starts[Int(node.parent) + 1] += 1 }
        for place in 1..<starts.count { starts[place] += starts[place - 1] }
        rows = [Int32](repeating: 0, count: starts[nodes.count])
        var next = starts
        for node in nodes.indices.dropFirst() {
            let parent = Int(nodes[node].parent)
            rows[next[parent]] = Int32(truncatingIfNeeded: node)
            next[parent] += 1
        }
    }

    func of(_ node: Int) -> ArraySlice<Int32> { rows[starts[node]..<starts[node + 1]] }
}

/// A binary heap of nodes, the widest first, of equals the one that was there first.
private struct WidestFirst {
    private let nodes: [CallTree.Node]
    private var heap: [Int] = []

    init(_ nodes: [CallTree.Node]) { self.nodes = nodes }

    private func comesBefore(_ left: Int, _ right: Int) -> Bool {
        nodes[left].mass != nodes[right].mass ? nodes[left].mass > nodes[right].mass : left < right
    }

    mutating func insert(_ node: Int) {
        heap.append(node)
        var place = heap.count - 1
        while place > 0, comesBefore(heap[place], heap[(place - 1) / 2]) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func removeFirst() -> Int? {
        guard let first = heap.first else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            var least = place
            for child in (2 * place + 1)...(2 * place + 2)
            where child < heap.count && comesBefore(heap[child], heap[least]) {
                least = child
            }
            if least == place { return first }
            heap.swapAt(place, least)
            place = least
        }
    }
}
