/// Reads `Profile.sample` into columns: the part that most of a profile's bytes are.
struct SampleReader {
    private let context: PartContext
    private let locations: IDTable
    private let valuesPerSample: Int
    private var columns = SampleColumns()

    /// Names of the fields of `profile.proto Sample` by number.
    private static let names = MessageShape(name: "Sample", fields: ["location_id", "value", "label"])

    init(_ context: PartContext, locations: IDTable, valuesPerSample: Int) {
        self.context = context
        self.locations = locations
        self.valuesPerSample = valuesPerSample
    }

    mutating func readAll(_ extents: [Extent]) throws(PprofError) -> SampleColumns {
        columns.valuesPerSample = valuesPerSample
        columns.reserveCapacity(
            samples: extents.count, bytes: extents.reduce(0) { $0 &+ Int($1.length) }, limit: context.limits.columnBytes
        )
        for (index, extent) in extents.enumerated() {
            do throws(PprofError) {
                var cursor = try context.cursor(extent)
                try read(&cursor)
                try checkMemory(at: Int(extent.start))
            } catch {
                throw error.of("sample \(index)")
            }
        }
        return columns
    }

    private mutating func read(_ cursor: inout WireCursor) throws(PprofError) {
        let begin = cursor.offset
        var number: UInt64 = 0
        do throws(PprofError) {
            while cursor.hasMore {
                number = 0
                let start = cursor.offset
                let tag = try cursor.tag()
                number = tag.number
                switch (number, tag.type) {
                case (1, .length):
                    try readLocations(try cursor.nested())
                    try checkDepth(at: start)
                case (1, .varint):
                    let offset = cursor.offset
                    let id = try cursor.varint()
                    guard let row = locations.row(of: id) else { throw Self.unknown(id, depth, at: offset) }
                    columns.stacks.append(LocationIndex(row))
                    try checkDepth(at: start)
                case (2, .length):
                    var packed = try cursor.nested()
                    while packed.hasMore { try readValue(&packed) }
                case (2, .varint): try readValue(&cursor)
                case (3, .length):
                    var label = try cursor.nested()
                    try readLabel(&label)
                case (1...3, _): throw tag.wrongType(at: start)
                default: try cursor.skip(tag.type)
                }
            }
        } catch {
            throw error.inField(Self.names.fieldName(number))
        }
        guard valueCount == valuesPerSample else { throw valueCountMismatch("\(valueCount)", at: begin) }
        columns.count += 1
        columns.stackStarts.append(UInt32(truncatingIfNeeded: columns.stacks.count))
        columns.labelStarts.append(UInt32(truncatingIfNeeded: columns.labels.count))
    }

    private var valueCount: Int { columns.values.count &- columns.count &* valuesPerSample }

    @inline(__always)
    private mutating func readValue(_ cursor: inout WireCursor) throws(PprofError) {
        guard valueCount < valuesPerSample else {
            throw valueCountMismatch("more than \(valuesPerSample)", at: cursor.offset)
        }
        columns.values.append(Int64(bitPattern: try cursor.varint()))
    }

    private func valueCountMismatch(_ count: String, at offset: Int) -> PprofError {
        PprofError(
            .valueCountMismatch, at: offset, field: "Sample.value",
            "\(count) values; the profile has \(valuesPerSample) sample types")
    }

    private mutating func readLocations(_ packed: WireCursor) throws(PprofError) {
        // No id takes more than ten bytes: this stack is too deep, seen before there is memory spent on it.
        guard packed.count / 10 <= context.limits.stackDepth else {
            throw PprofError(
                .limitExceeded, at: packed.offset,
                "a stack of \(packed.count) bytes; the limit is \(context.limits.stackDepth) locations")
        }
        let locations = self.locations
        let depth = self.depth
        // Each id takes a byte or more, so the bytes are enough room for the ids.
        try columns.stacks.append(addingCapacity: packed.count) {
            (run: inout OutputSpan<LocationIndex>) throws(PprofError) in
            var packed = packed
            while packed.hasMore {
                let offset = packed.offset
                let id = try packed.varint()
                guard let row = locations.row(of: id) else { throw Self.unknown(id, depth + run.count, at: offset) }
                run.append(LocationIndex(row))
            }
        }
    }

    private var depth: Int { columns.stacks.count - Int(columns.stackStarts.last ?? 0) }

    private static func unknown(_ id: UInt64, _ depth: Int, at offset: Int) -> PprofError {
        PprofError(.unknownID, at: offset, field: "Sample.location_id[\(depth)]", "there is no location with id \(id)")
    }

    private func checkDepth(at offset: Int) throws(PprofError) {
        guard depth <= context.limits.stackDepth else {
            throw PprofError(
                .limitExceeded, at: offset, field: "Sample.location_id",
                "a stack of \(depth) locations; the limit is \(context.limits.stackDepth)")
        }
    }

    private mutating func readLabel(_ cursor: inout WireCursor) throws(PprofError) {
        let number = columns.labels.count - Int(columns.labelStarts[columns.count])
        guard number < context.limits.labelsPerSample else {
            throw PprofError(
                .limitExceeded, at: cursor.offset,
                "more than \(context.limits.labelsPerSample) labels, which is the limit")
        }
        do throws(PprofError) {
            let fields = try ScalarFields(.label, &cursor)
            let label = SampleLabel(
                key: try context.string(fields[1], at: fields.offset, "Label.key"),
                text: try context.string(fields[2], at: fields.offset, "Label.str"), number: fields.signed(3),
                unit: try context.string(fields[4], at: fields.offset, "Label.num_unit"))
            guard label.isNumeric || (label.number == 0 && label.unit.isEmpty) else {
                throw PprofError(
                    .badLabel, at: fields.offset, field: "Label",
                    "the label has a text (string \(label.text.rawValue)) and a number (\(label.number)) or a unit")
            }
            columns.labels.append(label)
        } catch {
            throw error.of("label[\(number)]")
        }
    }

    private func checkMemory(at offset: Int) throws(PprofError) {
        guard columns.byteCount <= context.limits.columnBytes else {
            throw PprofError(
                .limitExceeded, at: offset, field: "Profile.sample",
                "the samples take more than \(context.limits.columnBytes) bytes of memory, which is the limit")
        }
    }
}
