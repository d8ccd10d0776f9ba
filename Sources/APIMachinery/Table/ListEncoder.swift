/// Makes lists piece by piece: `prefix`, then items in as many portions as one likes, then `suffix`.
///
/// So a list of any length streams from the pages of the store and is never held whole. Items are the objects, rows of
/// a Table, or PartialObjectMetadata.
public struct ListEncoder: Sendable {
    private enum Items: Sendable {
        case objects
        case rows(TableEncoder)
        case metadata(PartialObjectMetadataEncoder)
    }

    /// What comes before the items.
    public let prefix: [UInt8]
    /// What comes after them.
    public let suffix = TableEncoder.suffix
    private let items: Items
    private var isEmpty = true

    /// A list of whole objects; `kind` is the list's, such as `ProfileList`.
    public init(kind: String, apiVersion: String, metadata: ListMetadata) {
        items = .objects
        prefix = Self.prefix(kind: kind, apiVersion: apiVersion, metadata)
    }

    /// A Table with one row per object.
    public init(table: TableEncoder, metadata: ListMetadata) {
        items = .rows(table)
        prefix = table.prefix(metadata)
    }

    /// A `PartialObjectMetadataList`.
    public init(partialObjectMetadata version: Negotiated.MetaVersion, metadata: ListMetadata) {
        items = .metadata(PartialObjectMetadataEncoder(version: version))
        prefix = Self.prefix(kind: "PartialObjectMetadataList", apiVersion: version.apiVersion, metadata)
    }

    /// What it needs of the objects.
    public var parts: EncodedObject.Parts {
        switch items {
        case .objects: .json
        case .rows(let table): table.parts
        case .metadata: []
        }
    }

    /// Appends the next items.
    public mutating func append(_ objects: some Sequence<EncodedObject>, to bytes: inout [UInt8]) {
        for object in objects {
            if !isEmpty { bytes.append(UInt8(ascii: ",")) }
            isEmpty = false
            switch items {
            case .objects: bytes.append(contentsOf: object.json)
            case .rows(let table): table.appendRow(object, to: &bytes)
            case .metadata(let encoder): encoder.append(object, to: &bytes)
            }
        }
    }

    /// The whole list of the given items, without a newline at its end.
    public consuming func encode(_ objects: some Collection<EncodedObject>) -> [UInt8] {
        var bytes = prefix
        bytes.reserveCapacity(bytes.count + objects.reduce(0) { $0 + $1.json.count + 1 } + suffix.count)
        append(objects, to: &bytes)
        return bytes + suffix
    }

    private static func prefix(kind: String, apiVersion: String, _ metadata: ListMetadata) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.field("kind", kind)
        writer.field("apiVersion", apiVersion)
        writer.key("metadata")
        metadata.encode(into: &writer)
        writer.key("items")
        return writer.bytes + [UInt8(ascii: "[")]
    }
}
