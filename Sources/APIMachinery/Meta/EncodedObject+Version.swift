extension EncodedObject {
    /// The same object at another version: the value of `metadata.resourceVersion` is replaced in the bytes, without decoding.
    ///
    /// What a deletion's event carries (the last state with the version of the deletion), and what a watch sends when an object
    /// stops matching its selectors. The bytes are those of our own encoder, compact JSON; an object without the field, or whose
    /// field is no string, keeps its bytes.
    public func atVersion(_ version: ResourceVersion) -> EncodedObject {
        var changed = json
        var end = metadata.upperBound
        if let value = JSONMembers(json, metadata)?.string(of: "resourceVersion") {
            let text = Array("\"\(version)\"".utf8)
            changed.replaceSubrange(value, with: text)
            end += text.count - value.count
        }
        return EncodedObject(
            json: changed, metadata: metadata.lowerBound..<end, cells: cells, createdAt: createdAt,
            resourceVersion: version)
    }
}
