public import APIMachinery

/// What is to be written: an object that doesn't know its version yet.
public struct ObjectDraft: Sendable {
    /// The plural resource name, e.g. `profiles`.
    public var resource: String
    /// Namespace and name.
    public var key: ObjectKey
    /// The object's uid, compared by deletion preconditions.
    public var uid: String
    /// The labels that label selectors see.
    public var labels: Labels
    /// The values that field selectors see, by field path (`spec.service`). `metadata.name` and `metadata.namespace`
    /// are known from the key and needn't be here; a missing field compares as the empty text.
    public var fields: [String: String]
    /// The object's creation time, unix seconds.
    public var createdAt: Int64
    /// Bytes to keep beside the object. On a replacement nil keeps those that are there.
    public var payload: [UInt8]?
    /// Encodes the object with the version of its commit. Runs at most once per attempt, on the writer: it must be quick,
    /// must not call the store, and must put the version as `"resourceVersion":"<n>"` into the metadata.
    public var encode: @Sendable (ResourceVersion) -> EncodedObject

    /// A draft of its parts.
    public init(
        resource: String, key: ObjectKey, uid: String, labels: Labels = [:], fields: [String: String] = [:],
        createdAt: Int64, payload: [UInt8]? = nil, encode: @escaping @Sendable (ResourceVersion) -> EncodedObject
    ) {
        self.resource = resource
        self.key = key
        self.uid = uid
        self.labels = labels
        self.fields = fields
        self.createdAt = createdAt
        self.payload = payload
        self.encode = encode
    }
}
