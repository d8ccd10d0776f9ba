// The paths of one set and, or without those of another. A path counts for itself only, not for what is below it.

extension FieldSet {
    /// The paths of either.
    public func union(_ other: FieldSet) -> FieldSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return merged(other) { left, right in
            guard let left, let right else { return left ?? right }
            return Node(
                left.element, isMember: left.isMember || right.isMember, children: left.children.union(right.children))
        }
    }

    /// The paths of both.
    public func intersection(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return FieldSet() }
        return merged(other) { left, right in
            guard let left, let right else { return nil }
            return Node(
                left.element, isMember: left.isMember && right.isMember,
                children: left.children.intersection(right.children))
        }
    }

    /// The paths that aren't the other's.
    public func subtracting(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return self }
        return merged(other) { left, right in
            guard let left, let right else { return left }
            return Node(
                left.element, isMember: left.isMember && !right.isMember,
                children: left.children.subtracting(right.children))
        }
    }

    /// Walks both in step; `combine` gets the branches of each step.
    private func merged(_ other: FieldSet, _ combine: (Node?, Node?) -> Node?) -> FieldSet {
        var result: [Node] = []
        result.reserveCapacity(max(nodes.count, other.nodes.count))
        var (left, right) = (0, 0)
        while left < nodes.count || right < other.nodes.count {
            let order =
                left == nodes.count
                ? 1
                : right == other.nodes.count
                    ? -1 : PathElement.compare(nodes[left].element, other.nodes[right].element)
            let node = combine(order <= 0 ? nodes[left] : nil, order >= 0 ? other.nodes[right] : nil)
            if let node, !node.isVoid { result.append(node) }
            if order <= 0 { left += 1 }
            if order >= 0 { right += 1 }
        }
        return FieldSet(sorted: result)
    }
}
