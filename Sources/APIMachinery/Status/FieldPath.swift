/// The place of a value inside an object: `spec.targets[0].port`, `metadata.labels[app]`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
    /// The path as messages print it; empty at the object itself.
    public let description: String

    /// The object itself.
    public static let root = FieldPath("")

    /// A path that begins with the given field.
    public init(_ text: String) {
        description = text
    }

    /// The field of this name below.
    public func child(_ name: String) -> FieldPath {
        FieldPath(description.isEmpty ? name : "\(description).\(name)")
    }

    /// The element of this index below.
    public func index(_ index: Int) -> FieldPath { FieldPath("\(description)[\(index)]") }

    /// The entry of this key in the map here.
    public func key(_ key: String) -> FieldPath { FieldPath("\(description)[\(key)]") }
}
