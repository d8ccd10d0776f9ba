/// Makes `PartialObjectMetadata` of encoded objects: their metadata under another kind.
public struct PartialObjectMetadataEncoder: Sendable {
    /// The version of `meta.k8s.io` to make.
    public let version: Negotiated.MetaVersion
    private let prefix: [UInt8]

    /// An encoder for the given version.
    public init(version: Negotiated.MetaVersion = .v1) {
        self.version = version
        prefix = Array(
            "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"\(version.apiVersion)\",\"metadata\":".utf8)
    }

    /// Appends the object's metadata as a `PartialObjectMetadata`.
    public func append(_ object: EncodedObject, to bytes: inout [UInt8]) {
        append(metadata: object.metadataJSON, to: &bytes)
    }

    /// The object's metadata as a `PartialObjectMetadata`, without a newline at its end.
    public func encode(_ object: EncodedObject) -> [UInt8] {
        var bytes: [UInt8] = []
        append(object, to: &bytes)
        return bytes
    }

    func append(metadata: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: prefix)
        bytes.append(contentsOf: metadata)
        bytes.append(UInt8(ascii: "}"))
    }
}
