/// Reads `Profile.location` and its lines into columns.
struct LocationReader {
    private let context: PartContext
    private let mappings: IDTable
    private let functions: IDTable
    private var lines: [LocationLine] = []

    /// Names of the fields of `profile.proto Location` by number.
    private static let names = MessageShape(
        name: "Location", fields: ["id", "mapping_id", "address", "line", "is_folded"])

    init(_ context: PartContext, mappings: IDTable, functions: IDTable) {
        self.context = context
        self.mappings = mappings
        self.functions = functions
    }

    mutating func readAll(_ runs: PartRuns) throws(PprofError) -> LocationColumns {
        // More locations than these don't fit even without lines: the last one is refused.
        let count = min(runs.count, context.limits.columnBytes / LocationColumns.bytesPerLocation &+ 1)
        lines.reserveCapacity(count)
        var ids = [UInt64](repeating: 0, count: count)
        var mappings = [MappingIndex](repeating: .none, count: count)
        var addresses = ids
        var isFolded = [Bool](repeating: false, count: count)
        var lineStarts = [UInt32](repeating: 0, count: count &+ 1)
        // Spans, because an array asks at each write whether it is shared.
        var idSpan = ids.mutableSpan
        var mappingSpan = mappings.mutableSpan
        var addressSpan = addresses.mutableSpan
        var isFoldedSpan = isFolded.mutableSpan
        var lineStartSpan = lineStarts.mutableSpan
        var walk = PartWalk(runs, context)
        for row in 0..<count {
            guard let part = try walk.next() else { break }
            do throws(PprofError) {
                let location = try read(part)
                idSpan[row] = location.id
                mappingSpan[row] = try mapping(location.mappingID, at: location.mappingOffset)
                addressSpan[row] = location.address
                isFoldedSpan[row] = location.isFolded
                lineStartSpan[row &+ 1] = UInt32(truncatingIfNeeded: lines.count)
                try checkMemory(locations: row &+ 1, at: part.offset)
            } catch {
                throw error.of("location \(row)")
            }
        }
        return LocationColumns(
            ids: ids, mappings: mappings, addresses: addresses, isFolded: isFolded, lineStarts: lineStarts, lines: lines
        )
    }

    private struct Location {
        var id: UInt64 = 0
        var mappingID: UInt64 = 0
        var mappingOffset = 0
        var address: UInt64 = 0
        var isFolded = false
        var firstLine = 0

        @inline(__always)
        mutating func readMapping(_ cursor: inout WireCursor) throws(PprofError) {
            mappingOffset = cursor.offset
            mappingID = try cursor.varint()
        }
    }

    /// Tags of the fields of `profile.proto Location`.
    private enum Tag {
        static let id = WireTag.raw(1, .varint)
        static let mapping = WireTag.raw(2, .varint)
        static let address = WireTag.raw(3, .varint)
        static let line = WireTag.raw(4, .length)
        static let isFolded = WireTag.raw(5, .varint)
    }

    @inline(__always)
    private mutating func read(_ part: WireCursor) throws(PprofError) -> Location {
        var location = Location()
        location.mappingOffset = part.offset
        location.firstLine = lines.count
        var cursor = part
        var number: UInt64 = 0
        do throws(PprofError) {
            // First the orders of google/pprof and of Go's runtime, which has the mapping last; then whatever else there is.
            number = 1
            if cursor.skipTag(Tag.id) { location.id = try cursor.varint() }
            number = 2
            if cursor.skipTag(Tag.mapping) { try location.readMapping(&cursor) }
            number = 3
            if cursor.skipTag(Tag.address) { location.address = try cursor.varint() }
            number = 4
            while cursor.skipTag(Tag.line) { try readLine(try cursor.nested(), of: location) }
            number = 2
            if cursor.skipTag(Tag.mapping) { try location.readMapping(&cursor) }
            while cursor.hasMore {
                number = 0
                let start = cursor.offset
                let tag = try cursor.tag()
                number = tag.number
                switch WireTag.raw(number, tag.type) {
                case Tag.id: location.id = try cursor.varint()
                case Tag.mapping: try location.readMapping(&cursor)
                case Tag.address: location.address = try cursor.varint()
                case Tag.line: try readLine(try cursor.nested(), of: location)
                case Tag.isFolded: location.isFolded = try cursor.varint() != 0
                default:
                    guard number > 5 else { throw tag.wrongType(at: start) }
                    try cursor.skip(tag.type)
                }
            }
        } catch {
            throw error.inField(Self.names.fieldName(number))
        }
        return location
    }

    private func mapping(_ id: UInt64, at offset: Int) throws(PprofError) -> MappingIndex {
        if id == 0 { return .none }
        guard let row = mappings.row(of: id) else {
            throw PprofError(.unknownID, at: offset, field: "Location.mapping_id", "there is no mapping with id \(id)")
        }
        return MappingIndex(row)
    }

    @inline(__always)
    private mutating func readLine(_ part: WireCursor, of location: Location) throws(PprofError) {
        let number = lines.count &- location.firstLine
        guard number < context.limits.linesPerLocation else {
            throw PprofError(
                .limitExceeded, at: part.offset,
                "more than \(context.limits.linesPerLocation) lines, which is the limit")
        }
        do throws(PprofError) {
            let fields = try ScalarFields(part, highest: 3, .line)
            guard let function = functions.row(of: fields[1]) else {
                throw PprofError(
                    .unknownID, at: fields.offset, field: "Line.function_id",
                    "there is no function with id \(fields[1])")
            }
            lines.append(
                LocationLine(function: FunctionIndex(function), line: fields.signed(2), column: fields.signed(3)))
        } catch {
            throw error.of("line[\(number)]")
        }
    }

    @inline(__always)
    private func checkMemory(locations: Int, at offset: Int) throws(PprofError) {
        let bytes = locations &* LocationColumns.bytesPerLocation &+ lines.count &* MemoryLayout<LocationLine>.stride
        guard bytes <= context.limits.columnBytes else { throw tooLarge(at: offset) }
    }

    private func tooLarge(at offset: Int?) -> PprofError {
        PprofError(
            .limitExceeded, at: offset, field: "Profile.location",
            "the locations take more than \(context.limits.columnBytes) bytes of memory, which is the limit")
    }
}
