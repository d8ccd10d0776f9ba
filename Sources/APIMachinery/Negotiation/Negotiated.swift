/// In which form a request is answered (conformance 5.1).
public struct Negotiated: Sendable, Hashable {
    /// How objects become bytes.
    public enum Encoding: String, Sendable, Hashable {
        case json = "application/json"
        case yaml = "application/yaml"
    }

    /// The versions of `meta.k8s.io` that Tables and PartialObjectMetadata are made in.
    public enum MetaVersion: String, Sendable, Hashable {
        case v1
        case v1beta1

        /// The `apiVersion` of what is made.
        public var apiVersion: String { "meta.k8s.io/\(rawValue)" }
    }

    /// What objects are turned into first. A `Status` never is.
    public enum Conversion: Sendable, Hashable {
        case none
        case table(MetaVersion)
        /// Of single objects and watch events.
        case partialObjectMetadata(MetaVersion)
        /// Of lists.
        case partialObjectMetadataList(MetaVersion)
    }

    /// How objects become bytes.
    public let encoding: Encoding
    /// What they are turned into first.
    public let conversion: Conversion
    /// Whether to indent by two spaces.
    public let pretty: Bool

    /// A form of its parts.
    public init(encoding: Encoding = .json, conversion: Conversion = .none, pretty: Bool = false) {
        self.encoding = encoding
        self.conversion = conversion
        self.pretty = pretty
    }

    /// The `Content-Type` of the answer: the bare media type, without parameters.
    public var contentType: String { encoding.rawValue }
}
