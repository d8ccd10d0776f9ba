/// A set of paths to values inside an object: the fields somebody owns.
///
/// A trie, each level sorted. A path's being in the set says nothing of the paths below or above it: an owner of
/// `.spec.labels` owns that there are labels, and each label only if its own path is there too.
public struct FieldSet: Sendable {
    /// One branch: a step, whether the path that ends there is in the set, and what is below.
    struct Node: Sendable, Equatable {
        let element: PathElement
        var isMember: Bool
        var children: FieldSet

        init(_ element: PathElement, isMember: Bool = true, children: FieldSet = FieldSet()) {
            self.element = element
            self.isMember = isMember
            self.children = children
        }

        /// Whether it adds nothing.
        var isVoid: Bool { !isMember && children.isEmpty }
    }

    /// Sorted by element, none twice, none void.
    private(set) var nodes: [Node] = []

    /// The empty set.
    public init() {}

    /// Of branches in any order; those of the same step are one.
    init(_ nodes: [Node]) {
        var sorted = nodes.filter { !$0.isVoid }
        if !Self.isSorted(sorted) { sorted.sort { PathElement.compare($0.element, $1.element) < 0 } }
        self.nodes.reserveCapacity(sorted.count)
        for node in sorted {
            if let last = self.nodes.last, last.element == node.element {
                self.nodes[self.nodes.count - 1].isMember = last.isMember || node.isMember
                self.nodes[self.nodes.count - 1].children = last.children.union(node.children)
            } else {
                self.nodes.append(node)
            }
        }
    }

    /// Of branches that are sorted, none twice, none void.
    init(sorted nodes: [Node]) {
        self.nodes = nodes
    }

    private static func isSorted(_ nodes: [Node]) -> Bool {
        zip(nodes, nodes.dropFirst()).allSatisfy { PathElement.compare($0.element, $1.element) < 0 }
    }

    /// Whether no path is in it.
    public var isEmpty: Bool { nodes.isEmpty }

    /// Whether the path is in it; the empty path never is.
    public func contains(_ path: [PathElement]) -> Bool {
        var set = self
        for (index, element) in path.enumerated() {
            guard let node = set.node(element) else { return false }
            if index == path.count - 1 { return node.isMember }
            set = node.children
        }
        return false
    }

    /// The branch of a step.
    func node(_ element: PathElement) -> Node? {
        let at = position(of: element)
        return at < nodes.count && nodes[at].element == element ? nodes[at] : nil
    }

    /// Adds a path, and below it the paths of `children`.
    mutating func insert(_ path: some Collection<PathElement>, children: FieldSet = FieldSet()) {
        guard let element = path.first else { return }
        let rest = path.dropFirst()
        let at = position(of: element)
        if at == nodes.count || nodes[at].element != element {
            nodes.insert(Node(element, isMember: false), at: at)
        }
        if rest.isEmpty {
            nodes[at].isMember = true
            if !children.isEmpty { nodes[at].children = nodes[at].children.union(children) }
        } else {
            nodes[at].children.insert(rest, children: children)
        }
    }

    /// Takes a path out; what is below it stays.
    mutating func remove(_ element: PathElement) {
        let at = position(of: element)
        guard at < nodes.count, nodes[at].element == element else { return }
        nodes[at].isMember = false
        if nodes[at].isVoid { nodes.remove(at: at) }
    }

    /// Where the step is, or would be.
    private func position(of element: PathElement) -> Int {
        var (low, high) = (0, nodes.count)
        while low < high {
            let middle = (low + high) / 2
            if PathElement.compare(nodes[middle].element, element) < 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Every path: at each level those that end there first, then what is below, both in order.
    public func forEachPath(_ body: ([PathElement]) -> Void) {
        var path: [PathElement] = []
        visit(&path, body)
    }

    private func visit(_ path: inout [PathElement], _ body: ([PathElement]) -> Void) {
        for node in nodes where node.isMember { body(path + [node.element]) }
        for node in nodes where !node.children.isEmpty {
            path.append(node.element)
            node.children.visit(&path, body)
            path.removeLast()
        }
    }

    /// All paths in the order of ``forEachPath(_:)``.
    public var paths: [[PathElement]] {
        var paths: [[PathElement]] = []
        forEachPath { paths.append($0) }
        return paths
    }
}

extension FieldSet: Equatable {
    /// The same paths.
    public static func == (left: FieldSet, right: FieldSet) -> Bool { left.nodes == right.nodes }
}

extension [PathElement] {
    /// The path as messages say it: `.spec.targets[name="a"].port`.
    public var text: String { map(\.description).joined() }
}
