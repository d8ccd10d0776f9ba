/// The second pass over a message: reads the parts that the layout found, each reference checked where it is read.
///
/// Order: strings, sample types, header, mappings, functions, locations, samples; so whatever a part refers to is known.
struct PartReader {
    let context: PartContext
    let layout: ProfileLayout
    var parts = ProfileParts()

    init(_ message: UnsafeBufferPointer<UInt8>, _ layout: ProfileLayout, _ limits: DecodeLimits) {
        context = PartContext(message: message, stringCount: layout.strings.count, limits: limits)
        self.layout = layout
    }

    mutating func readAll() throws(PprofError) {
        try readStrings()
        try readSampleTypes()
        try readHeader()
        let mappings = try readMappings()
        let functions = try readFunctions()
        let locations = try readLocations(mappings: mappings, functions: functions)
        var samples = SampleReader(context, locations: locations, valuesPerSample: parts.sampleTypes.count)
        parts.samples = try samples.readAll(layout.samples)
    }

    private mutating func readStrings() throws(PprofError) {
        var walk = PartWalk(layout.strings, context)
        try parts.strings.append(addingCapacity: layout.strings.count) {
            (strings: inout OutputSpan<Extent>) throws(PprofError) in
            while let string = try walk.next(), !strings.isFull { strings.append(string.extent) }
        }
        guard let first = parts.strings.first else {
            throw PprofError(.badStringTable, field: "Profile.string_table", "the profile has no string table")
        }
        guard first.length == 0 else {
            throw PprofError(
                .badStringTable, at: Int(first.start), field: "Profile.string_table[0]",
                "the first string has \(first.length) bytes; it must be empty")
        }
    }

    private mutating func readSampleTypes() throws(PprofError) {
        guard !layout.sampleTypes.isEmpty else {
            throw PprofError(.missingSampleType, field: "Profile.sample_type", "the profile has no sample type")
        }
        var walk = PartWalk(layout.sampleTypes, context)
        while let part = try walk.next() {
            parts.sampleTypes.append(try valueType(part, "sample_type[\(parts.sampleTypes.count)]"))
        }
    }

    private func valueType(_ part: WireCursor, _ place: @autoclosure () -> String) throws(PprofError)
        -> ValueTypeIndexes
    {
        do throws(PprofError) {
            let fields = try ScalarFields(part, highest: 2, .valueType)
            return ValueTypeIndexes(
                type: try context.string(fields[1], at: fields.offset, "ValueType.type"),
                unit: try context.string(fields[2], at: fields.offset, "ValueType.unit"))
        } catch {
            throw error.of(place())
        }
    }

    private mutating func readHeader() throws(PprofError) {
        parts.header.timeNanos = Int64(bitPattern: layout.scalar(ProfileField.timeNanos))
        parts.header.durationNanos = Int64(bitPattern: layout.scalar(ProfileField.durationNanos))
        parts.header.period = Int64(bitPattern: layout.scalar(ProfileField.period))
        parts.header.dropFrames = try headerString(ProfileField.dropFrames)
        parts.header.keepFrames = try headerString(ProfileField.keepFrames)
        parts.header.defaultSampleType = try headerString(ProfileField.defaultSampleType)
        parts.header.docURL = try headerString(ProfileField.docURL)
        // A message that is there more than once is merged; for the two integers of this one that is: the last ones win.
        var walk = PartWalk(layout.periodTypes, context)
        while let part = try walk.next() {
            let next = try valueType(part, "period_type")
            let known = parts.header.periodType
            parts.header.periodType = ValueTypeIndexes(
                type: next.type.isEmpty ? known?.type ?? .empty : next.type,
                unit: next.unit.isEmpty ? known?.unit ?? .empty : next.unit)
        }
        for (index, comment) in layout.comments.enumerated() {
            parts.header.comments.append(
                try context.string(comment.index, at: comment.offset, "Profile.comment[\(index)]"))
        }
    }

    private func headerString(_ number: UInt64) throws(PprofError) -> StringIndex {
        try context.string(layout.scalar(number), at: layout.offset(number), ProfileLayout.fieldName(number))
    }

    /// The table of ids; a fault in them is told with the place of its part.
    func table(_ ids: [UInt64], _ runs: PartRuns, _ name: String) throws(PprofError) -> IDTable {
        do {
            return try IDTable(ids)
        } catch {
            throw PprofError(
                error.code, at: PartWalk(runs, context).start(of: error.row),
                field: "\(name).id of \(name.lowercased()) \(error.row)", error.message)
        }
    }
}
