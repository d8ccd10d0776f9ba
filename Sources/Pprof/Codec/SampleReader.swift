/// Reads `Profile.sample` into columns: the part that most of a profile's bytes are.
struct SampleReader {
    private let context: PartContext
    private let locations: IDTable
    private let valuesPerSample: Int
    private var labels: [SampleLabel] = []

    /// Names of the fields of `profile.proto Sample` by number.
    private static let names = MessageShape(name: "Sample", fields: ["location_id", "value", "label"])

    /// Tags of those fields; integers come packed or one by one.
    private enum Tag {
        static let location = WireTag.raw(1, .varint)
        static let locations = WireTag.raw(1, .length)
        static let value = WireTag.raw(2, .varint)
        static let values = WireTag.raw(2, .length)
        static let label = WireTag.raw(3, .length)
    }

    /// Where the columns of a sample begin.
    private struct Begin {
        let stack: Int
        let values: Int
        let labels: Int
    }

    init(_ context: PartContext, locations: IDTable, valuesPerSample: Int) {
        self.context = context
        self.locations = locations
        self.valuesPerSample = valuesPerSample
    }

    mutating func readAll(_ runs: PartRuns) throws(PprofError) -> SampleColumns {
        var columns = SampleColumns()
        columns.valuesPerSample = valuesPerSample
        // More samples than these don't fit even without stacks: the last one is refused.
        let limit = context.limits.columnBytes
        columns.count = min(runs.count, limit / SampleColumns.bytesPerSample(values: valuesPerSample) &+ 1)
        // An id or value takes a byte or more, and what is above the limit is refused at the sample's end. What isn't used of the
        // room is never touched.
        let bytes = runs.byteCount
        let deepest = min(context.limits.stackDepth, bytes)
        let stackRoom = min(bytes, limit / MemoryLayout<LocationIndex>.stride &+ 16 &* deepest)
        let valueRoom = min(bytes, columns.count &* valuesPerSample)
        var stacks: [LocationIndex] = []
        var values: [Int64] = []
        try stacks.append(addingCapacity: stackRoom) { (stacks: inout OutputSpan<LocationIndex>) throws(PprofError) in
            try values.append(addingCapacity: valueRoom) { (values: inout OutputSpan<Int64>) throws(PprofError) in
                try readAll(runs, &columns, &stacks, &values)
            }
        }
        columns.stacks = stacks
        columns.values = values
        columns.labels = labels
        return columns
    }

    private mutating func readAll(
        _ runs: PartRuns, _ columns: inout SampleColumns, _ stacks: inout OutputSpan<LocationIndex>,
        _ values: inout OutputSpan<Int64>
    ) throws(PprofError) {
        var stackStarts = [UInt32](repeating: 0, count: columns.count &+ 1)
        var labelStarts = stackStarts
        // Spans, because an array asks at each write whether it is shared.
        var stackStartSpan = stackStarts.mutableSpan
        var labelStartSpan = labelStarts.mutableSpan
        var walk = PartWalk(runs, context)
        for row in 0..<columns.count {
            guard let part = try walk.next() else { break }
            do throws(PprofError) {
                try read(part, &stacks, &values)
                stackStartSpan[row &+ 1] = UInt32(truncatingIfNeeded: stacks.count)
                labelStartSpan[row &+ 1] = UInt32(truncatingIfNeeded: labels.count)
                let bytes = SampleColumns.byteCount(
                    samples: row &+ 1, values: values.count, stacks: stacks.count, labels: labels.count)
                guard bytes <= context.limits.columnBytes else { throw tooLarge(at: part.offset) }
            } catch {
                throw error.of("sample \(row)")
            }
        }
        columns.stackStarts = stackStarts
        columns.labelStarts = labelStarts
    }

    private mutating func read(
        _ part: WireCursor, _ stacks: inout OutputSpan<LocationIndex>, _ values: inout OutputSpan<Int64>
    ) throws(PprofError) {
        let begin = Begin(stack: stacks.count, values: values.count, labels: labels.count)
        var cursor = part
        var number: UInt64 = 0
        do throws(PprofError) {
            // First the orders of google/pprof and of Go's runtime, which has the values first, two or less of them not packed;
            // then whatever else there is.
            number = 2
            while cursor.skipTag(Tag.value) { try readValue(&cursor, begin, &values) }
            if cursor.skipTag(Tag.values) { try readValues(try cursor.nested(), begin, &values) }
            number = 1
            if cursor.skipTag(Tag.locations) { try readLocations(try cursor.nested(), begin, &stacks) }
            number = 2
            if cursor.skipTag(Tag.values) { try readValues(try cursor.nested(), begin, &values) }
            number = 3
            while cursor.skipTag(Tag.label) { try readLabel(try cursor.nested(), begin) }
            while cursor.hasMore {
                number = 0
                let start = cursor.offset
                let tag = try cursor.tag()
                number = tag.number
                switch WireTag.raw(number, tag.type) {
                case Tag.locations: try readLocations(try cursor.nested(), begin, &stacks)
                case Tag.location: try readLocation(&cursor, begin, &stacks)
                case Tag.values: try readValues(try cursor.nested(), begin, &values)
                case Tag.value: try readValue(&cursor, begin, &values)
                case Tag.label: try readLabel(try cursor.nested(), begin)
                default:
                    guard number > 3 else { throw tag.wrongType(at: start) }
                    try cursor.skip(tag.type)
                }
            }
        } catch {
            throw error.inField(Self.names.fieldName(number))
        }
        let count = values.count &- begin.values
        guard count == valuesPerSample else { throw valueCountMismatch("\(count)", at: part.offset) }
    }

    @inline(__always)
    private func readValues(
        _ part: WireCursor, _ begin: Begin, _ values: inout OutputSpan<Int64>
    ) throws(PprofError) {
        var packed = part
        while packed.hasMore { try readValue(&packed, begin, &values) }
    }

    @inline(__always)
    private func readValue(
        _ cursor: inout WireCursor, _ begin: Begin, _ values: inout OutputSpan<Int64>
    ) throws(PprofError) {
        guard values.count &- begin.values < valuesPerSample else {
            throw valueCountMismatch("more than \(valuesPerSample)", at: cursor.offset)
        }
        let value = Int64(bitPattern: try cursor.varint())
        guard !values.isFull else { throw tooLarge(at: cursor.offset) }
        values.append(value)
    }

    private func valueCountMismatch(_ count: String, at offset: Int) -> PprofError {
        PprofError(
            .valueCountMismatch, at: offset, field: "Sample.value",
            "\(count) values; the profile has \(valuesPerSample) sample types")
    }

    @inline(__always)
    private func readLocations(
        _ part: WireCursor, _ begin: Begin, _ stacks: inout OutputSpan<LocationIndex>
    ) throws(PprofError) {
        // No id takes more than ten bytes: this stack is too deep, seen before there is memory spent on it.
        guard part.count / 10 <= context.limits.stackDepth else {
            throw PprofError(
                .limitExceeded, at: part.offset,
                "a stack of \(part.count) bytes; the limit is \(context.limits.stackDepth) locations")
        }
        // Each id takes a byte or more, so this is enough.
        guard part.count <= stacks.freeCapacity else { throw tooLarge(at: part.offset) }
        var packed = part
        let sequential = locations.sequential
        while packed.hasMore {
            let isShort = packed.shortVarints { id in
                guard id &- 1 < sequential else { return false }
                stacks.append(LocationIndex(UInt32(truncatingIfNeeded: id &- 1)))
                return true
            }
            if !isShort { try readLocation(&packed, begin, &stacks) }
        }
        try checkDepth(begin, stacks.count, at: part.offset)
    }

    private func readLocation(
        _ cursor: inout WireCursor, _ begin: Begin, _ stacks: inout OutputSpan<LocationIndex>
    ) throws(PprofError) {
        let offset = cursor.offset
        let id = try cursor.varint()
        guard let row = locations.row(of: id) else {
            throw PprofError(
                .unknownID, at: offset, field: "Sample.location_id[\(stacks.count &- begin.stack)]",
                "there is no location with id \(id)")
        }
        guard !stacks.isFull else { throw tooLarge(at: offset) }
        stacks.append(LocationIndex(row))
        try checkDepth(begin, stacks.count, at: offset)
    }

    @inline(__always)
    private func checkDepth(_ begin: Begin, _ end: Int, at offset: Int) throws(PprofError) {
        let depth = end &- begin.stack
        guard depth <= context.limits.stackDepth else {
            throw PprofError(
                .limitExceeded, at: offset, field: "Sample.location_id",
                "a stack of \(depth) locations; the limit is \(context.limits.stackDepth)")
        }
    }

    private mutating func readLabel(_ part: WireCursor, _ begin: Begin) throws(PprofError) {
        let number = labels.count &- begin.labels
        guard number < context.limits.labelsPerSample else {
            throw PprofError(
                .limitExceeded, at: part.offset,
                "more than \(context.limits.labelsPerSample) labels, which is the limit")
        }
        do throws(PprofError) {
            let fields = try ScalarFields(part, highest: 4, .label)
            let label = SampleLabel(
                key: try context.string(fields[1], at: fields.offset, "Label.key"),
                text: try context.string(fields[2], at: fields.offset, "Label.str"), number: fields.signed(3),
                unit: try context.string(fields[4], at: fields.offset, "Label.num_unit"))
            guard label.isNumeric || (label.number == 0 && label.unit.isEmpty) else {
                throw PprofError(
                    .badLabel, at: fields.offset, field: "Label",
                    "the label has a text (string \(label.text.rawValue)) and a number (\(label.number)) or a unit")
            }
            labels.append(label)
        } catch {
            throw error.of("label[\(number)]")
        }
    }

    private func tooLarge(at offset: Int?) -> PprofError {
        PprofError(
            .limitExceeded, at: offset, field: "Profile.sample",
            "the samples take more than \(context.limits.columnBytes) bytes of memory, which is the limit")
    }
}
