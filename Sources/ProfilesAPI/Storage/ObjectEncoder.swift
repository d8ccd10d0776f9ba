internal import APIMachinery

/// Makes the wire form of an object of this group, with the range of its metadata and the cells of its Table row.
struct ObjectEncoder: Sendable {
    /// The metadata; the resourceVersion is set when it is known.
    let metadata: ObjectMeta
    /// `Profile`, `ProfileCapture`, …
    let kind: String
    /// The members behind `metadata`, as JSON without the braces.
    let members: [UInt8]
    /// See ``cells(before:after:)``.
    let cells: [UInt8]

    /// The object at `version`; nil leaves the resourceVersion out, as the answer of a dry run does.
    func encode(_ version: ResourceVersion?) -> EncodedObject {
        var metadata = metadata
        metadata.resourceVersion = version
        var writer = JSONWriter(capacity: members.count + 1024)
        writer.beginObject()
        writer.field("apiVersion", ProfilesGroup.groupVersion.description)
        writer.field("kind", kind)
        writer.key("metadata")
        let start = writer.bytes.count
        metadata.encode(into: &writer)
        let range = start..<writer.bytes.count
        writer.endObject()
        // Exactly as long as it is: caches and the history of events keep thousands of them.
        var json: [UInt8] = []
        json.reserveCapacity(writer.bytes.count + members.count + 1)
        json.append(contentsOf: writer.bytes.dropLast())
        json.append(UInt8(ascii: ","))
        json.append(contentsOf: members)
        json.append(UInt8(ascii: "}"))
        return EncodedObject(
            json: json, metadata: range, cells: cells, createdAt: metadata.creationTimestamp?.seconds ?? 0,
            resourceVersion: version ?? ResourceVersion(0))
    }

    /// The cells of a row as JSON array elements, with the marker where the age goes.
    static func cells(before: [String], after: [String]) -> [UInt8] {
        func joined(_ texts: [String]) -> [UInt8] {
            var writer = JSONWriter()
            writer.array { writer in
                for text in texts { writer.string(text) }
            }
            return Array(writer.bytes.dropFirst().dropLast())
        }
        var cells = joined(before)
        if !cells.isEmpty { cells.append(UInt8(ascii: ",")) }
        cells.append(EncodedObject.ageMarker)
        if !after.isEmpty {
            cells.append(UInt8(ascii: ","))
            cells.append(contentsOf: joined(after))
        }
        return cells
    }
}
