extension EncodedObject {
    /// Namespace and name, read from the metadata's bytes; nil where they have no name.
    public var key: ObjectKey? {
        guard let members = JSONMembers(json, metadata), let name = text(members.string(of: "name")) else { return nil }
        return ObjectKey(namespace: text(members.string(of: "namespace")) ?? "", name: name)
    }

    /// The text of a member of `spec`, which our encoders write right behind the metadata; nil for other values, and without it.
    public func specText(_ name: String) -> String? {
        let start = metadata.upperBound + Self.specOpening.count
        guard json[metadata.upperBound...].starts(with: Self.specOpening) else { return nil }
        return text(JSONMembers(json, (start - 1)..<json.count)?.string(of: name))
    }

    /// What our encoders write between the metadata and the members of `spec`: with the brace that opens it.
    public static let specOpening = Array(",\"spec\":{".utf8)

    private func text(_ range: Range<Int>?) -> String? {
        guard let range else { return nil }
        return (try? JSONValue.parse(Array(json[range])))?.stringValue
    }
}
