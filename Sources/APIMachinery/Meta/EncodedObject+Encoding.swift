extension EncodedObject {
    /// Encodes an object: `kind`, `apiVersion`, `metadata`, then the members that `members` writes (`spec`, `status`).
    ///
    /// - Parameters:
    ///   - kind: what it is.
    ///   - metadata: its metadata, with the resourceVersion of the commit; its creation time starts the age.
    ///   - cells: writes the cells of its Table row, one JSON value per column; `ageCell()` for the age.
    ///   - members: writes the remaining members.
    public init(
        _ kind: GroupVersionKind, metadata: ObjectMeta, cells: (inout JSONWriter) -> Void,
        members: (inout JSONWriter) -> Void
    ) {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.field("kind", kind.kind)
        writer.field("apiVersion", kind.groupVersion.description)
        writer.key("metadata")
        let start = writer.bytes.count
        metadata.encode(into: &writer)
        let end = writer.bytes.count
        members(&writer)
        writer.endObject()
        var row = JSONWriter(capacity: 128)
        cells(&row)
        self.init(
            json: writer.bytes, metadata: start..<end, cells: row.bytes,
            createdAt: metadata.creationTimestamp?.seconds ?? .min,
            resourceVersion: metadata.resourceVersion ?? ResourceVersion(0))
    }
}

extension JSONWriter {
    /// The cell of the age: filled in when a Table is made.
    public mutating func ageCell() {
        raw([EncodedObject.ageMarker])
    }
}
