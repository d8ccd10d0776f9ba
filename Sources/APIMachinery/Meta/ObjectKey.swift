/// What tells one object of a resource from another: its namespace and name, in the order of lists.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace; empty for cluster-scoped resources.
    public let namespace: String
    /// The name, unique within namespace and resource.
    public let name: String

    /// A key of its two parts. Nothing is checked.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or the name alone without a namespace.
    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    /// Orders by the bytes of the namespace, then of the name: the order in which lists are answered.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        if left.namespace == right.namespace { return left.name.precedesBytewise(right.name) }
        return left.namespace.precedesBytewise(right.namespace)
    }
}

extension String {
    /// Whether this text comes before the other by its UTF-8 bytes (`String.<` orders by Unicode's canonical order).
    func precedesBytewise(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
