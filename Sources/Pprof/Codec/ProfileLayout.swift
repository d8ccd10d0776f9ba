/// The first pass over a message: where each part lies, and the fields that are there once.
///
/// Parts refer to parts that come later (samples to locations, all to strings), in an order that each producer chooses.
/// So parts are found first, at 8 bytes a run of them and under the limits of their numbers, and read after that in the order
/// that lets each reference be checked at once.
struct ProfileLayout {
    private(set) var sampleTypes = PartRuns()
    private(set) var samples = PartRuns()
    private(set) var mappings = PartRuns()
    private(set) var locations = PartRuns()
    private(set) var functions = PartRuns()
    private(set) var strings = PartRuns()
    private(set) var periodTypes = PartRuns()
    private(set) var comments: [(index: UInt64, offset: Int)] = []
    private var scalars = InlineArray<16, UInt64>(repeating: 0)
    private var offsets = InlineArray<16, Int>(repeating: 0)

    private let limits: DecodeLimits

    /// Names of the fields of `profile.proto Profile` by number.
    private static let names = [
        "", "sample_type", "sample", "mapping", "location", "function", "string_table", "drop_frames", "keep_frames",
        "time_nanos", "duration_nanos", "period_type", "period", "comment", "default_sample_type", "doc_url",
    ]

    static func fieldName(_ number: UInt64) -> String {
        guard let index = Int(exactly: number), index > 0, index < names.count else { return "Profile" }
        return "Profile.\(names[index])"
    }

    init(_ cursor: inout WireCursor, limits: DecodeLimits) throws(PprofError) {
        self.limits = limits
        var number: UInt64 = 0
        do throws(PprofError) {
            while cursor.hasMore {
                number = 0
                let start = cursor.offset
                let tag = try cursor.tag()
                number = tag.number
                try read(tag, at: start, &cursor)
            }
        } catch {
            throw error.inField(Self.fieldName(number))
        }
    }

    /// The value of a field that is there once; its last one, as proto3 wants it. 0 if absent.
    func scalar(_ number: UInt64) -> UInt64 { scalars[Int(truncatingIfNeeded: number & 15)] }

    /// Where that value was read.
    func offset(_ number: UInt64) -> Int { offsets[Int(truncatingIfNeeded: number & 15)] }

    private mutating func read(_ tag: WireTag, at start: Int, _ cursor: inout WireCursor) throws(PprofError) {
        switch tag.number {
        case ProfileField.sampleType: try part(tag, at: start, &cursor, &sampleTypes, limits.sampleTypes)
        case ProfileField.sample: try part(tag, at: start, &cursor, &samples, limits.samples)
        case ProfileField.mapping: try part(tag, at: start, &cursor, &mappings, limits.mappings)
        case ProfileField.location: try part(tag, at: start, &cursor, &locations, limits.locations)
        case ProfileField.function: try part(tag, at: start, &cursor, &functions, limits.functions)
        case ProfileField.stringTable: try readStrings(tag, at: start, &cursor)
        case ProfileField.periodType: try part(tag, at: start, &cursor, &periodTypes, limits.sampleTypes)
        case ProfileField.comment: try comment(tag, at: start, &cursor)
        case ProfileField.timeNanos where scalar(ProfileField.timeNanos) != 0:
            throw PprofError(
                .concatenated, at: start,
                "the field comes a second time: these are two profiles, one after the other. Merge them instead, e.g. with go tool pprof -proto"
            )
        case 7...15:
            guard tag.type == .varint else { throw tag.wrongType(at: start) }
            let slot = Int(truncatingIfNeeded: tag.number)
            offsets[slot] = cursor.offset
            scalars[slot] = try cursor.varint()
        default: try cursor.skip(tag.type)
        }
    }

    @inline(__always)
    private func part(
        _ tag: WireTag, at start: Int, _ cursor: inout WireCursor, _ parts: inout PartRuns, _ limit: Int
    ) throws(PprofError) {
        try parts.add(tag, at: start, &cursor, limit: limit) { (_, _) throws(PprofError) in }
    }

    private mutating func readStrings(_ tag: WireTag, at start: Int, _ cursor: inout WireCursor) throws(PprofError) {
        let limit = limits.stringBytes
        var index = strings.count
        try strings.add(tag, at: start, &cursor, limit: limits.strings) { (string, place) throws(PprofError) in
            guard string.count <= limit else {
                throw PprofError(
                    .limitExceeded, at: place, field: "Profile.string_table[\(index)]",
                    "a string of \(string.count) bytes; the limit is \(limit)")
            }
            index &+= 1
        }
    }

    private mutating func comment(_ tag: WireTag, at start: Int, _ cursor: inout WireCursor) throws(PprofError) {
        switch tag.type {
        case .varint: try appendComment(&cursor)
        case .length:
            var packed = try cursor.nested()
            while packed.hasMore { try appendComment(&packed) }
        default: throw tag.wrongType(at: start)
        }
    }

    private mutating func appendComment(_ cursor: inout WireCursor) throws(PprofError) {
        guard comments.count < limits.comments else {
            throw PprofError(
                .limitExceeded, at: cursor.offset, "more than \(limits.comments) of them, which is the limit")
        }
        let offset = cursor.offset
        comments.append((try cursor.varint(), offset))
    }
}
