internal import APIMachinery
internal import ProfileStore

extension StoredObject {
    /// The object with other metadata, all else as it is stored.
    func draft(_ metadata: ObjectMeta) -> ObjectDraft {
        let object = object
        return ObjectDraft(
            resource: resource, key: key, uid: uid, labels: metadata.labels, fields: fields, createdAt: object.createdAt
        ) { version in
            var metadata = metadata
            metadata.resourceVersion = version
            return object.replacingMetadata(metadata)
        }
    }
}

extension EncodedObject {
    /// The object with other metadata.
    func replacingMetadata(_ new: ObjectMeta) -> EncodedObject {
        var writer = JSONWriter(capacity: metadata.count + 128)
        new.encode(into: &writer)
        let start = metadata.lowerBound
        return EncodedObject(
            json: json[..<start] + writer.bytes + json[metadata.upperBound...],
            metadata: start..<(start + writer.bytes.count), cells: cells, createdAt: createdAt,
            resourceVersion: new.resourceVersion ?? resourceVersion)
    }
}
