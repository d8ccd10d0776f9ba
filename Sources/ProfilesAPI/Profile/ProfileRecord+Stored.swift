internal import APIMachinery
internal import ProfileStore

extension ProfileRecord {
    /// The record that a stored profile was made from, but what its bytes say; nil for what is no profile.
    ///
    /// The metadata is as it is: labels that clients have changed stay changed.
    init?(_ stored: StoredObject) {
        guard let object = try? JSONValue.parse(stored.object.json), let spec = object["spec"],
            let id = spec["id"]?.stringValue, let service = spec["service"]?.stringValue,
            let type = spec["type"]?.stringValue.flatMap(ProfileType.init),
            let createdAt = spec["createdAt"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        var errors = FieldErrorList()
        let metadata = ObjectMeta(json: object["metadata"], errors: &errors)
        var origin = ProfileOrigin(
            metadata: metadata, service: service, type: type,
            requestedBy: spec["source"]?["requestedBy"]?.stringValue ?? "")
        origin.labels = (spec["labels"]?.arrayValue ?? []).map {
            ($0["key"]?.stringValue ?? "", $0["value"]?.stringValue ?? "")
        }
        origin.instance = spec["instance"]?.stringValue
        origin.pod = spec["podRef"]?["name"]?.stringValue.map {
            ProfileOrigin.PodReference(name: $0, uid: spec["podRef"]?["uid"]?.stringValue ?? "")
        }
        origin.container = spec["container"]?.stringValue
        origin.nodeName = spec["nodeName"]?.stringValue
        origin.sourceKind = spec["source"]?["kind"]?.stringValue.flatMap(ProfileOrigin.SourceKind.init) ?? .agent
        origin.sourceName = spec["source"]?["name"]?.stringValue
        origin.sourceUID = spec["source"]?["uid"]?.stringValue
        self.init(
            metadata: metadata, id: id, origin: origin, createdAt: createdAt, content: nil, bytes: nil,
            readable: .notRead)
    }

    /// The same once its bytes were read.
    func with(_ content: ProfileContent) -> ProfileRecord {
        ProfileRecord(
            metadata: metadata, id: id, origin: origin, createdAt: createdAt, content: content, bytes: nil,
            readable: .read)
    }
}
