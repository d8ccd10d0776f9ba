/// Makes the events of one watch stream: one JSON object per line (conformance 8.3).
///
/// Keeps whether the first Table was sent, since only that one tells the columns; hence one encoder per stream.
public struct WatchEventEncoder: Sendable {
    /// What happened to an object.
    public enum EventType: String, Sendable, Hashable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    private enum Form: Sendable {
        case object(GroupVersionKind)
        case table(TableEncoder)
        case metadata(PartialObjectMetadataEncoder)
    }

    private let form: Form
    private var isFirst = true

    /// Stands for the form where the line of a change depends on nothing else, so that streams may share it; nil for Tables, which
    /// tell the age and, the first of them, the columns.
    public var sharedForm: Int? {
        switch form {
        case .object: 0
        case .metadata(let encoder): encoder.version == .v1 ? 1 : 2
        case .table: nil
        }
    }

    /// Events with whole objects; `kind` is told by bookmarks.
    public init(kind: GroupVersionKind) {
        form = .object(kind)
    }

    /// Events with Tables of one row.
    public init(table: TableEncoder) {
        form = .table(table)
    }

    /// Events with `PartialObjectMetadata`.
    public init(partialObjectMetadata version: Negotiated.MetaVersion) {
        form = .metadata(PartialObjectMetadataEncoder(version: version))
    }

    /// What it needs of the objects.
    public var parts: EncodedObject.Parts {
        switch form {
        case .object: .json
        case .table(let table): table.parts
        case .metadata: []
        }
    }

    /// Appends the line of a change; ages count up to `now`.
    public mutating func append(_ type: EventType, _ object: EncodedObject, now: Timestamp, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"type\":\"\(type.rawValue)\",\"object\":".utf8)
        switch form {
        case .object: bytes.append(contentsOf: object.json)
        case .table(let table): bytes.append(contentsOf: table.encodeEvent(object, isFirst: isFirst, now: now))
        case .metadata(let encoder): encoder.append(object, to: &bytes)
        }
        isFirst = false
        bytes.append(contentsOf: "}\n".utf8)
    }

    /// Appends the line of a bookmark: everything up to `version` was sent. `endsInitialEvents` says that the state
    /// asked for with `sendInitialEvents` is complete.
    public mutating func appendBookmark(
        _ version: ResourceVersion, endsInitialEvents: Bool = false, to bytes: inout [UInt8]
    ) {
        var metadata = JSONWriter(capacity: 128)
        metadata.beginObject()
        metadata.field("resourceVersion", version.description)
        metadata.field("creationTimestamp", .null)
        if endsInitialEvents {
            metadata.object("annotations") { $0.field("k8s.io/initial-events-end", "true") }
        }
        metadata.endObject()
        bytes.append(contentsOf: "{\"type\":\"BOOKMARK\",\"object\":".utf8)
        switch form {
        case .object(let kind):
            var writer = JSONWriter(capacity: 192)
            writer.beginObject()
            writer.field("kind", kind.kind)
            writer.field("apiVersion", kind.groupVersion.description)
            writer.field("metadata", raw: metadata.bytes)
            writer.endObject()
            bytes.append(contentsOf: writer.bytes)
        case .table(let table):
            bytes.append(
                contentsOf: table.encodeBookmark(metadata: metadata.bytes, version: version, isFirst: isFirst))
            isFirst = false
        case .metadata(let encoder): encoder.append(metadata: metadata.bytes, to: &bytes)
        }
        bytes.append(contentsOf: "}\n".utf8)
    }

    /// Appends the line of an error, after which the stream ends; a `Status` in every form.
    public func appendError(_ status: Status, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"type\":\"ERROR\",\"object\":".utf8)
        bytes.append(contentsOf: status.encoded)
        bytes.append(contentsOf: "}\n".utf8)
    }
}
