/// The strings, mappings, functions and locations of a merge, each kept once.
///
/// Two mappings are one if their size in 4 KiB pages, file offset and build id (file name where there is none) agree; then
/// addresses are moved to the first one's place, so that address space randomization doesn't part what is the same code.
struct SymbolMerge {
    private(set) var strings: StringInterner
    private(set) var mappings = MappingColumns()
    private(set) var functions = FunctionColumns()
    private(set) var locations = LocationColumns()

    private var mappingRows: [MappingKey: MappingIndex] = [:]
    private var functionRows = RowTable(capacity: 512)
    private var locationRows = RowTable(capacity: 1024)
    /// Lines of the location that is being added.
    private var lines: [LocationLine] = []
    private let seed: UInt64

    private struct MappingKey: Hashable {
        let size: UInt64
        let offset: UInt64
        let name: StringIndex
    }

    init(seed: UInt64) {
        self.seed = seed
        strings = StringInterner(seed: seed)
    }

    var byteCount: Int {
        strings.byteCount + locations.byteCount + functions.count * 28 + functionRows.byteCount + locationRows.byteCount
    }

    mutating func string(_ index: StringIndex, _ source: ValidatedProfile, _ tables: inout SourceTables) -> StringIndex
    {
        let row = Int(index.rawValue)
        if tables.strings[row] != SourceTables.unmapped { return StringIndex(tables.strings[row]) }
        let extent = source.strings.extents[row]
        let merged = source.strings.message.withUnsafeBufferPointer { bytes in
            strings.index(of: UnsafeBufferPointer(rebasing: bytes[extent.range]))
        }
        tables.strings[row] = merged.rawValue
        return merged
    }

    mutating func string(_ text: StaticString) -> StringIndex { strings.index(of: text) }

    mutating func mapping(
        _ index: MappingIndex, _ source: ValidatedProfile, _ tables: inout SourceTables
    ) -> MergedMapping {
        guard let mapping = source.mappings[index] else { return .none }
        let row = Int(index.rawValue)
        if let known = tables.mappings[row] { return known }
        let filename = string(mapping.filename, source, &tables)
        let buildID = string(mapping.buildID, source, &tables)
        let size = (mapping.memoryLimit &- mapping.memoryStart &+ 0xfff) & ~0xfff
        let key = MappingKey(size: size, offset: mapping.fileOffset, name: buildID.isEmpty ? filename : buildID)
        let merged: MergedMapping
        if let known = mappingRows[key], let first = mappings[known] {
            merged = MergedMapping(index: known, offset: first.memoryStart &- mapping.memoryStart)
        } else {
            let next = MappingIndex(UInt32(truncatingIfNeeded: mappings.count))
            mappingRows[key] = next
            mappings.rows.append(
                Mapping(
                    id: UInt64(next.rawValue) + 1, memoryStart: mapping.memoryStart, memoryLimit: mapping.memoryLimit,
                    fileOffset: mapping.fileOffset, filename: filename, buildID: buildID,
                    resolution: mapping.resolution))
            merged = MergedMapping(index: next, offset: 0)
        }
        tables.mappings[row] = merged
        return merged
    }

    private mutating func function(
        _ index: FunctionIndex, _ source: ValidatedProfile, _ tables: inout SourceTables
    ) -> FunctionIndex {
        let row = Int(index.rawValue)
        if tables.functions[row] != SourceTables.unmapped { return FunctionIndex(tables.functions[row]) }
        let name = string(source.functions.names[row], source, &tables)
        let systemName = string(source.functions.systemNames[row], source, &tables)
        let filename = string(source.functions.filenames[row], source, &tables)
        let startLine = source.functions.startLines[row]
        var hash = SeededHash(seed: seed)
        hash.combine(UInt64(name.rawValue) &<< 32 | UInt64(systemName.rawValue))
        hash.combine(UInt64(filename.rawValue) ^ UInt64(bitPattern: startLine) &<< 32)
        let next = functions.count
        let known = functionRows.row(hash: hash.value, orInsert: next) { row in
            functions.names[row] == name && functions.filenames[row] == filename
                && functions.systemNames[row] == systemName && functions.startLines[row] == startLine
        }
        if known == nil {
            functions.ids.append(UInt64(next) + 1)
            functions.names.append(name)
            functions.systemNames.append(systemName)
            functions.filenames.append(filename)
            functions.startLines.append(startLine)
        }
        let merged = FunctionIndex(UInt32(truncatingIfNeeded: known ?? next))
        tables.functions[row] = merged.rawValue
        return merged
    }

    /// Takes in a location that `tables` doesn't know yet.
    mutating func addLocation(_ index: LocationIndex, _ source: ValidatedProfile, _ tables: inout SourceTables) {
        let row = Int(index.rawValue)
        let mapping = self.mapping(source.locations.mappings[row], source, &tables)
        let address = source.locations.addresses[row] &+ mapping.offset
        let isFolded = source.locations.isFolded[row]
        var hash = SeededHash(seed: seed)
        hash.combine(address)
        hash.combine(UInt64(mapping.index.rawValue) &<< 1 | (isFolded ? 1 : 0))
        lines.removeAll(keepingCapacity: true)
        for place in Int(source.locations.lineStarts[row])..<Int(source.locations.lineStarts[row + 1]) {
            let line = source.locations.lines[place]
            let merged = function(line.function, source, &tables)
            lines.append(LocationLine(function: merged, line: line.line, column: line.column))
            hash.combine(UInt64(merged.rawValue) &<< 32 ^ UInt64(bitPattern: line.line))
        }
        let next = locations.count
        let known = locationRows.row(hash: hash.value, orInsert: next) { row in
            locations.addresses[row] == address && locations.mappings[row] == mapping.index
                && locations.isFolded[row] == isFolded && locations.hasLines(lines, at: row)
        }
        if known == nil {
            locations.ids.append(UInt64(next) + 1)
            locations.mappings.append(mapping.index)
            locations.addresses.append(address)
            locations.isFolded.append(isFolded)
            locations.lines.append(contentsOf: lines)
            locations.lineStarts.append(UInt32(truncatingIfNeeded: locations.lines.count))
        }
        tables.locations[row] = UInt32(truncatingIfNeeded: known ?? next)
    }
}

extension LocationColumns {
    /// Whether the location `row` has these lines.
    @inline(__always)
    fileprivate func hasLines(_ other: [LocationLine], at row: Int) -> Bool {
        let begin = Int(lineStarts[row])
        guard Int(lineStarts[row &+ 1]) &- begin == other.count else { return false }
        for place in other.indices where lines[begin &+ place] != other[place] { return false }
        return true
    }
}
