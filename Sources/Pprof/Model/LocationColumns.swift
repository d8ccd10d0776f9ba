/// `Profile.location` as columns.
public struct LocationColumns: Sendable {
    /// `Location.id`, unique and not 0, in the order of the message.
    public internal(set) var ids: [UInt64] = []
    /// `Location.mapping_id` resolved; `.none` for 0.
    public internal(set) var mappings: [MappingIndex] = []
    /// `Location.address`; 0 if unknown.
    public internal(set) var addresses: [UInt64] = []
    /// `Location.is_folded`.
    public internal(set) var isFolded: [Bool] = []
    /// Where each location's lines begin in `lines`, and last where the last ones end: `count + 1` entries.
    public internal(set) var lineStarts: [UInt32] = [0]
    /// `Location.line` of all locations: of one location the innermost inlined call first, the real caller last.
    public internal(set) var lines: [LocationLine] = []

    /// Number of locations.
    public var count: Int { ids.count }

    /// The lines of a location of these columns; none if it isn't symbolized.
    public func lines(of location: LocationIndex) -> ArraySlice<LocationLine> {
        let row = Int(location.rawValue)
        return lines[Int(lineStarts[row])..<Int(lineStarts[row + 1])]
    }

    /// Memory of the columns.
    var byteCount: Int { count * Self.bytesPerLocation + lines.count * MemoryLayout<LocationLine>.stride }

    /// Memory of one location without its lines.
    static let bytesPerLocation = 2 * MemoryLayout<UInt64>.stride + 2 * MemoryLayout<UInt32>.stride + 1
}

/// `profile.proto Line`.
public struct LocationLine: Sendable, Hashable {
    /// `Line.function_id` resolved.
    public let function: FunctionIndex
    /// `Line.line`, 1-based; 0 if unknown.
    public let line: Int64
    /// `Line.column`, 1-based; 0 if unknown.
    public let column: Int64
}
