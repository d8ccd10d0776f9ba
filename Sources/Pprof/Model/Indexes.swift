/// The place of an entry in `StringTable`, 0-based; 0 is always "".
public struct StringIndex: Sendable, Hashable, Comparable {
    /// The index as in `profile.proto`'s string fields.
    public let rawValue: UInt32

    init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// The empty string, `string_table[0]`; also what an unset field means.
    public static let empty = StringIndex(0)

    /// Whether this is the empty string's index.
    public var isEmpty: Bool { rawValue == 0 }

    /// By place in the table, not by text.
    public static func < (lhs: StringIndex, rhs: StringIndex) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// The place of a location in `LocationColumns`, 0-based; not `Location.id`.
public struct LocationIndex: Sendable, Hashable {
    /// Row of the columns.
    public let rawValue: UInt32

    init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// The place of a function in `FunctionColumns`, 0-based; not `Function.id`.
public struct FunctionIndex: Sendable, Hashable {
    /// Row of the columns.
    public let rawValue: UInt32

    init(_ rawValue: UInt32) { self.rawValue = rawValue }
}

/// The place of a mapping in `MappingColumns`, 0-based; not `Mapping.id`.
///
/// `none` stands for `mapping_id` 0: the mapping is unknown. A sentinel instead of an Optional keeps the column at 4 bytes a row.
public struct MappingIndex: Sendable, Hashable {
    /// Row of the columns; `UInt32.max` in `none`.
    public let rawValue: UInt32

    init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// No mapping known.
    public static let none = MappingIndex(.max)
}
