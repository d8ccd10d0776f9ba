public import APIMachinery

/// An object as a client sent it, checked against its schema: pruned of unknown fields, with defaults filled in.
public struct DecodedObject: Sendable {
    /// The metadata, with the server's fields (uid, creationTimestamp, generation) already set.
    public var metadata: ObjectMeta
    /// The whole object. Its `metadata` member is what the client sent; `metadata` above is what counts.
    public var value: JSONValue

    /// An object and its metadata.
    public init(metadata: ObjectMeta, value: JSONValue) {
        self.metadata = metadata
        self.value = value
    }
}
