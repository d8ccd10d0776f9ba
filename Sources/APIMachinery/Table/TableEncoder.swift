/// Makes Tables of encoded objects: what kubectl prints (conformance 9).
public struct TableEncoder: Sendable {
    /// What a row carries beside its cells.
    public enum IncludeObject: String, Sendable, Hashable {
        case none = "None"
        /// The default: kubectl needs the metadata for `-A`, `-L`, `--show-labels`, `--sort-by` and watch.
        case metadata = "Metadata"
        case object = "Object"

        /// Reads the parameter `includeObject`.
        ///
        /// - Throws: 400 for an unknown value.
        public init(query: QueryItems) throws(StatusError) {
            let text = query["includeObject"] ?? ""
            guard !text.isEmpty else {
                self = .metadata
                return
            }
            guard let value = IncludeObject(rawValue: text) else {
                let error = FieldError.invalid(
                    FieldPath("includeObject"), .text(text), "must be 'Metadata', 'Object', 'None', or empty")
                throw .badRequest("Unable to convert to Table as requested: \(error)")
            }
            self = value
        }
    }

    /// The columns; every row must have as many cells.
    public let columns: [TableColumn]
    /// What rows carry beside their cells.
    public let includeObject: IncludeObject
    /// The version of `meta.k8s.io` to make.
    public let version: Negotiated.MetaVersion
    private let now: Timestamp
    private let columnDefinitions: [UInt8]
    private let metadataEncoder: PartialObjectMetadataEncoder

    /// An encoder of its parts; ages count up to `now`.
    public init(
        columns: [TableColumn], includeObject: IncludeObject = .metadata, version: Negotiated.MetaVersion = .v1,
        now: Timestamp
    ) {
        self.columns = columns
        self.includeObject = includeObject
        self.version = version
        self.now = now
        columnDefinitions = TableColumn.definitions(columns)
        metadataEncoder = PartialObjectMetadataEncoder(version: version)
    }

    /// A Table of one object, as get, create, update and patch answer it. Its metadata hold the object's version, or
    /// nothing for a dry run (version 0).
    public func encode(_ object: EncodedObject) -> [UInt8] {
        let version = object.resourceVersion.rawValue == 0 ? nil : object.resourceVersion
        var bytes = prefix(ListMetadata(resourceVersion: version))
        appendRow(object, to: &bytes)
        return bytes + Self.suffix
    }

    /// A Table of one row, as a watch event holds it; only the first event of a stream tells the columns.
    public func encodeEvent(_ object: EncodedObject, isFirst: Bool, now: Timestamp) -> [UInt8] {
        var bytes = prefix(ListMetadata(resourceVersion: object.resourceVersion), withColumns: isFirst)
        appendRow(object, now: now, to: &bytes)
        return bytes + Self.suffix
    }

    /// The Table of a bookmark: one row without cells, whose object holds the version and the annotation.
    func encodeBookmark(metadata: [UInt8], version: ResourceVersion, isFirst: Bool) -> [UInt8] {
        var bytes = prefix(ListMetadata(resourceVersion: version), withColumns: isFirst)
        bytes.append(contentsOf: "{\"cells\":[],\"object\":".utf8)
        metadataEncoder.append(metadata: metadata, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes + Self.suffix
    }

    /// What it needs of the objects.
    var parts: EncodedObject.Parts { includeObject == .object ? .all : .cells }

    /// What comes before the rows.
    func prefix(_ metadata: ListMetadata, withColumns: Bool = true) -> [UInt8] {
        var writer = JSONWriter(capacity: columnDefinitions.count + 256)
        writer.beginObject()
        writer.field("kind", "Table")
        writer.field("apiVersion", version.apiVersion)
        writer.key("metadata")
        metadata.encode(into: &writer)
        writer.key("columnDefinitions")
        if withColumns { writer.raw(columnDefinitions) } else { writer.null() }
        writer.key("rows")
        return writer.bytes + [UInt8(ascii: "[")]
    }

    /// What comes after the rows.
    static let suffix = Array("]}".utf8)

    func appendRow(_ object: EncodedObject, to bytes: inout [UInt8]) {
        appendRow(object, now: now, to: &bytes)
    }

    private func appendRow(_ object: EncodedObject, now: Timestamp, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"cells\":[".utf8)
        appendCells(object, now: now, to: &bytes)
        bytes.append(contentsOf: "],\"object\":".utf8)
        switch includeObject {
        case .none: bytes.append(contentsOf: "null".utf8)
        case .metadata: metadataEncoder.append(object, to: &bytes)
        case .object: bytes.append(contentsOf: object.json)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The cells with the age in place of each marker.
    private func appendCells(_ object: EncodedObject, now: Timestamp, to bytes: inout [UInt8]) {
        var rest = object.cells[...]
        while let marker = rest.firstIndex(of: EncodedObject.ageMarker) {
            bytes.append(contentsOf: rest[..<marker])
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: Self.age(object, now: now).utf8)
            bytes.append(UInt8(ascii: "\""))
            rest = rest[(marker + 1)...]
        }
        bytes.append(contentsOf: rest)
    }

    private static func age(_ object: EncodedObject, now: Timestamp) -> String {
        let (seconds, overflow) = now.seconds.subtractingReportingOverflow(object.createdAt)
        return overflow || object.createdAt == .min ? "<unknown>" : HumanDuration.age(seconds: seconds)
    }
}
