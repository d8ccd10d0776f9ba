public import APIMachinery

/// One state of one object, as a store returns it.
public struct StoredObject: Sendable, Hashable {
    /// The plural resource name.
    public let resource: String
    /// Namespace and name.
    public let key: ObjectKey
    /// The object's uid.
    public let uid: String
    /// The encoded object; for a deletion the last state, at the version of the deletion.
    public let object: EncodedObject
    /// Labels and selectable fields in their stored form: a list of thousands shouldn't build maps nobody looks at.
    let packedLabels: PackedPairs
    let packedFields: PackedPairs

    /// A stored object of its parts.
    public init(
        resource: String, key: ObjectKey, uid: String, labels: Labels, fields: [String: String], object: EncodedObject
    ) {
        self.init(
            resource: resource, key: key, uid: uid, labels: PackedPairs(labels), fields: PackedPairs(fields),
            object: object)
    }

    init(
        resource: String, key: ObjectKey, uid: String, labels: PackedPairs, fields: PackedPairs, object: EncodedObject
    ) {
        self.resource = resource
        self.key = key
        self.uid = uid
        self.packedLabels = labels
        self.packedFields = fields
        self.object = object
    }

    /// The labels that label selectors see. Unpacked at each call.
    public var labels: Labels { packedLabels.labels }
    /// The values that field selectors see, without `metadata.name` and `metadata.namespace`. Unpacked at each call.
    public var fields: [String: String] { packedFields.dictionary }
    /// The version of the write that made this state.
    public var resourceVersion: ResourceVersion { object.resourceVersion }

    /// The same state at another version.
    func atVersion(_ version: ResourceVersion) -> StoredObject {
        StoredObject(
            resource: resource, key: key, uid: uid, labels: packedLabels, fields: packedFields,
            object: object.atVersion(version))
    }

    /// The memory this state holds, in bytes, about.
    var footprint: Int {
        object.json.count + object.cells.count + packedLabels.bytes.count + packedFields.bytes.count + 384
    }
}
