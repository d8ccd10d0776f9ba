extension EncodedObject {
    /// Namespace and name, read from the metadata's bytes; nil where they have no name.
    public var key: ObjectKey? {
        let members = JSONMembers(json, metadata)
        guard let name = text(members.string(of: "name")) else { return nil }
        return ObjectKey(namespace: text(members.string(of: "namespace")) ?? "", name: name)
    }

    private func text(_ range: Range<Int>?) -> String? {
        guard let range else { return nil }
        return (try? JSONValue.parse(Array(json[range])))?.stringValue
    }
}
