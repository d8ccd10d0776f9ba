/// `Profile.mapping` in the order of the message; the first is the main binary.
///
/// Rows and not columns: there are a handful, and they are looked at whole.
public struct MappingColumns: Sendable {
    /// One row per mapping.
    public internal(set) var rows: [Mapping] = []

    /// Number of mappings.
    public var count: Int { rows.count }

    /// The mapping at `index` of these columns; nil for `.none`.
    public subscript(index: MappingIndex) -> Mapping? {
        index == .none ? nil : rows[Int(index.rawValue)]
    }
}

/// `profile.proto Mapping`.
public struct Mapping: Sendable, Hashable {
    /// `Mapping.id`, unique and not 0.
    public let id: UInt64
    /// `Mapping.memory_start`.
    public let memoryStart: UInt64
    /// `Mapping.memory_limit`, the first address after the mapping.
    public let memoryLimit: UInt64
    /// `Mapping.file_offset`.
    public let fileOffset: UInt64
    /// `Mapping.filename`.
    public let filename: StringIndex
    /// `Mapping.build_id`.
    public let buildID: StringIndex
    /// What is known of the addresses inside.
    public let resolution: SymbolResolution
}

/// The `has_…` flags of `profile.proto Mapping`.
public struct SymbolResolution: OptionSet, Sendable, Hashable {
    /// Bit 0 `has_functions` … bit 3 `has_inline_frames`.
    public let rawValue: UInt8

    /// Bits as in `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `Mapping.has_functions`.
    public static let functions = SymbolResolution(rawValue: 1)
    /// `Mapping.has_filenames`.
    public static let filenames = SymbolResolution(rawValue: 2)
    /// `Mapping.has_line_numbers`.
    public static let lineNumbers = SymbolResolution(rawValue: 4)
    /// `Mapping.has_inline_frames`.
    public static let inlineFrames = SymbolResolution(rawValue: 8)
}
