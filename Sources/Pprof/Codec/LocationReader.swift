/// Reads `Profile.location` and its lines into columns.
struct LocationReader {
    private let context: PartContext
    private let mappings: IDTable
    private let functions: IDTable
    private var columns = LocationColumns()

    /// Names of the fields of `profile.proto Location` by number.
    private static let names = MessageShape(
        name: "Location", fields: ["id", "mapping_id", "address", "line", "is_folded"])

    init(_ context: PartContext, mappings: IDTable, functions: IDTable) {
        self.context = context
        self.mappings = mappings
        self.functions = functions
    }

    mutating func readAll(_ extents: [Extent]) throws(PprofError) -> LocationColumns {
        columns.reserveCapacity(extents.count)
        for (index, extent) in extents.enumerated() {
            do throws(PprofError) {
                var cursor = try context.cursor(extent)
                try read(&cursor)
                try checkMemory(at: Int(extent.start))
            } catch {
                throw error.of("location \(index)")
            }
        }
        return columns
    }

    private mutating func read(_ cursor: inout WireCursor) throws(PprofError) {
        var id: UInt64 = 0
        var mappingID: UInt64 = 0
        var mappingOffset = cursor.offset
        var address: UInt64 = 0
        var folded: UInt64 = 0
        var number: UInt64 = 0
        do throws(PprofError) {
            while cursor.hasMore {
                number = 0
                let start = cursor.offset
                let tag = try cursor.tag()
                number = tag.number
                switch (number, tag.type) {
                case (1, .varint): id = try cursor.varint()
                case (2, .varint):
                    mappingOffset = cursor.offset
                    mappingID = try cursor.varint()
                case (3, .varint): address = try cursor.varint()
                case (4, .length):
                    var line = try cursor.nested()
                    try readLine(&line)
                case (5, .varint): folded = try cursor.varint()
                case (1...5, _): throw tag.wrongType(at: start)
                default: try cursor.skip(tag.type)
                }
            }
        } catch {
            throw error.inField(Self.names.fieldName(number))
        }
        columns.ids.append(id)
        columns.mappings.append(try mapping(mappingID, at: mappingOffset))
        columns.addresses.append(address)
        columns.isFolded.append(folded != 0)
        columns.lineStarts.append(UInt32(truncatingIfNeeded: columns.lines.count))
    }

    private func mapping(_ id: UInt64, at offset: Int) throws(PprofError) -> MappingIndex {
        if id == 0 { return .none }
        guard let row = mappings.row(of: id) else {
            throw PprofError(.unknownID, at: offset, field: "Location.mapping_id", "there is no mapping with id \(id)")
        }
        return MappingIndex(row)
    }

    private mutating func readLine(_ cursor: inout WireCursor) throws(PprofError) {
        let number = columns.lines.count - Int(columns.lineStarts.last ?? 0)
        guard number < context.limits.linesPerLocation else {
            throw PprofError(
                .limitExceeded, at: cursor.offset,
                "more than \(context.limits.linesPerLocation) lines, which is the limit")
        }
        do throws(PprofError) {
            let fields = try ScalarFields(.line, &cursor)
            guard let function = functions.row(of: fields[1]) else {
                throw PprofError(
                    .unknownID, at: fields.offset, field: "Line.function_id",
                    "there is no function with id \(fields[1])")
            }
            columns.lines.append(
                LocationLine(function: FunctionIndex(function), line: fields.signed(2), column: fields.signed(3)))
        } catch {
            throw error.of("line[\(number)]")
        }
    }

    private func checkMemory(at offset: Int) throws(PprofError) {
        guard columns.byteCount <= context.limits.columnBytes else {
            throw PprofError(
                .limitExceeded, at: offset, field: "Profile.location",
                "the locations take more than \(context.limits.columnBytes) bytes of memory, which is the limit")
        }
    }
}
