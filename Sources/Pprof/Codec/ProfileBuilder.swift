/// Makes a profile from the outside in: sample types, functions, locations, samples; then `encoded()` or `gzipped()`.
///
/// Strings, functions, locations and mappings are interned: the same one given twice is written once and has the same
/// index. Ids on the wire are index + 1, as Go writes them. The builder checks nothing: a sample with too few values is
/// written so, which tests of the decoder want.
///
/// ```swift
/// var builder = ProfileBuilder()
/// builder.addSampleType("cpu", unit: "nanoseconds")
/// let main = builder.location(lines: [.init(function: builder.function("main.main", filename: "main.go"), line: 12)])
/// builder.addSample(stack: [main], values: [10_000_000])
/// let bytes = try builder.gzipped()
/// ```
public struct ProfileBuilder: Sendable {
    /// `Profile.time_nanos`, nanoseconds since 1970 UTC; 0 is left out.
    public var timeNanos: Int64 = 0
    /// `Profile.duration_nanos`; 0 is left out.
    public var durationNanos: Int64 = 0
    /// `Profile.period_type`.
    public var periodType: ValueType?
    /// `Profile.period` in units of `periodType`.
    public var period: Int64 = 0
    /// `Profile.default_sample_type`.
    public var defaultSampleType = ""
    /// `Profile.drop_frames`, a regular expression.
    public var dropFrames = ""
    /// `Profile.keep_frames`, a regular expression.
    public var keepFrames = ""
    /// `Profile.doc_url`.
    public var docURL = ""
    /// `Profile.comment`.
    public var comments: [String] = []

    private var strings: [String] = [""]
    private var stringIndexes: [ExactText: StringIndex] = [ExactText(text: ""): .empty]
    private var functionIndexes: [FunctionKey: FunctionIndex] = [:]
    private var locationIndexes: [LocationKey: LocationIndex] = [:]
    private var mappingIndexes: [MappingKey: MappingIndex] = [:]

    private var sampleTypes = WireWriter()
    private var samples = WireWriter()
    private var mappings = WireWriter()
    private var locations = WireWriter()
    private var functions = WireWriter()

    /// A profile of nothing.
    public init() {}

    /// The index of `text`, which is added to the table the first time.
    public mutating func string(_ text: String) -> StringIndex {
        let key = ExactText(text: text)
        if let known = stringIndexes[key] { return known }
        let index = StringIndex(UInt32(truncatingIfNeeded: strings.count))
        strings.append(text)
        stringIndexes[key] = index
        return index
    }

    /// Adds a `Profile.sample_type`; samples give their values in this order.
    public mutating func addSampleType(_ type: String, unit: String) {
        sampleTypes.field(ProfileField.sampleType, valueType(ValueType(type: type, unit: unit)))
    }

    /// A `Profile.function`.
    ///
    /// - Parameters:
    ///   - name: For people, e.g. `main.work`.
    ///   - systemName: As the system has it; nil for the same as `name`, as Go writes it.
    ///   - filename: The source file.
    ///   - startLine: 0 if unknown.
    public mutating func function(
        _ name: String, systemName: String? = nil, filename: String = "", startLine: Int64 = 0
    ) -> FunctionIndex {
        let key = FunctionKey(
            name: string(name), systemName: string(systemName ?? name), filename: string(filename), startLine: startLine
        )
        if let known = functionIndexes[key] { return known }
        let index = FunctionIndex(UInt32(truncatingIfNeeded: functionIndexes.count))
        functionIndexes[key] = index
        var message = WireWriter()
        message.field(1, UInt64(index.rawValue) + 1)
        message.field(2, key.name)
        message.field(3, key.systemName)
        message.field(4, key.filename)
        message.field(5, startLine)
        functions.field(ProfileField.function, message)
        return index
    }

    /// A `Profile.mapping`; the first one is taken as the main binary.
    public mutating func mapping(
        start: UInt64, limit: UInt64, fileOffset: UInt64 = 0, filename: String, buildID: String = "",
        resolution: SymbolResolution = [.functions]
    ) -> MappingIndex {
        let key = MappingKey(
            start: start, limit: limit, fileOffset: fileOffset, filename: string(filename), buildID: string(buildID),
            resolution: resolution)
        if let known = mappingIndexes[key] { return known }
        let index = MappingIndex(UInt32(truncatingIfNeeded: mappingIndexes.count))
        mappingIndexes[key] = index
        var message = WireWriter()
        message.field(1, UInt64(index.rawValue) + 1)
        message.field(2, start)
        message.field(3, limit)
        message.field(4, fileOffset)
        message.field(5, key.filename)
        message.field(6, key.buildID)
        message.field(7, resolution.contains(.functions))
        message.field(8, resolution.contains(.filenames))
        message.field(9, resolution.contains(.lineNumbers))
        message.field(10, resolution.contains(.inlineFrames))
        mappings.field(ProfileField.mapping, message)
        return index
    }

    /// A `Profile.location`.
    ///
    /// - Parameters:
    ///   - address: 0 if unknown.
    ///   - mapping: From `mapping(…)` of this builder.
    ///   - lines: The innermost inlined call first, the real caller last; none if not symbolized.
    ///   - isFolded: Whether more symbols share the address.
    public mutating func location(
        address: UInt64 = 0, mapping: MappingIndex = .none, lines: [Line] = [], isFolded: Bool = false
    ) -> LocationIndex {
        let key = LocationKey(address: address, mapping: mapping, lines: lines, isFolded: isFolded)
        if let known = locationIndexes[key] { return known }
        let index = LocationIndex(UInt32(truncatingIfNeeded: locationIndexes.count))
        locationIndexes[key] = index
        var message = WireWriter()
        message.field(1, UInt64(index.rawValue) + 1)
        message.field(2, mapping == .none ? 0 : UInt64(mapping.rawValue) + 1)
        message.field(3, address)
        for line in lines {
            var lineMessage = WireWriter()
            lineMessage.field(1, UInt64(line.function.rawValue) + 1)
            lineMessage.field(2, line.line)
            lineMessage.field(3, line.column)
            message.field(4, lineMessage)
        }
        message.field(5, isFolded)
        locations.field(ProfileField.location, message)
        return index
    }

    /// Adds a `Profile.sample`.
    ///
    /// - Parameters:
    ///   - stack: Leaf first, from `location(…)` of this builder.
    ///   - values: One per sample type.
    ///   - labels: In this order.
    public mutating func addSample(stack: [LocationIndex], values: [Int64], labels: [Label] = []) {
        var message = WireWriter()
        message.packed(1, stack.lazy.map { UInt64($0.rawValue) + 1 })
        message.packed(2, values.lazy.map { UInt64(bitPattern: $0) })
        for label in labels { message.field(3, encode(label)) }
        samples.field(ProfileField.sample, message)
    }

    /// The protobuf message; fields in the order of their numbers. The same calls give the same bytes.
    public func encoded() -> [UInt8] {
        var copy = self
        return copy.finish()
    }

    /// `encoded()` in gzip; `level` as in `Gzip.compress(_:level:)`.
    public func gzipped(level: Int = 6) throws(PprofError) -> [UInt8] {
        try Gzip.compress(encoded(), level: level)
    }

    private mutating func finish() -> [UInt8] {
        var header = WireWriter()
        header.field(ProfileField.dropFrames, string(dropFrames))
        header.field(ProfileField.keepFrames, string(keepFrames))
        header.field(ProfileField.timeNanos, timeNanos)
        header.field(ProfileField.durationNanos, durationNanos)
        if let periodType { header.field(ProfileField.periodType, valueType(periodType)) }
        header.field(ProfileField.period, period)
        header.packed(ProfileField.comment, comments.map { UInt64(string($0).rawValue) })
        header.field(ProfileField.defaultSampleType, string(defaultSampleType))
        header.field(ProfileField.docURL, string(docURL))

        var message = WireWriter()
        for part in [sampleTypes, samples, mappings, locations, functions] { message.append(part) }
        for text in strings { message.field(ProfileField.stringTable, text.utf8) }
        message.append(header)
        return message.bytes
    }

    private mutating func valueType(_ value: ValueType) -> WireWriter {
        var message = WireWriter()
        message.field(1, string(value.type))
        message.field(2, string(value.unit))
        return message
    }

    private mutating func encode(_ label: Label) -> WireWriter {
        var message = WireWriter()
        message.field(1, string(label.key))
        switch label.value {
        case .text(let text): message.field(2, string(text))
        case .number(let number, let unit):
            message.field(3, number)
            message.field(4, string(unit))
        }
        return message
    }
}
