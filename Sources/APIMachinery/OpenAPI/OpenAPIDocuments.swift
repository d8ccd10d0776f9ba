internal import Digests

/// The OpenAPI documents of one group version (conformance 7), made once and then only read.
///
/// The bytes follow from the resources alone: every replica tells the same ones, under the same hash.
public struct OpenAPIDocuments: Sendable {
    /// One document.
    public struct Document: Sendable, Hashable {
        /// Its JSON, with a newline at its end.
        public let json: [UInt8]
        /// The SHA-256 of the bytes in upper-case hex.
        public let hash: String

        /// The hash as an entity tag.
        public var etag: String { "\"\(hash)\"" }

        init(_ value: JSONValue) {
            json = value.encoded() + [UInt8(ascii: "\n")]
            hash = SHA256.hex(json).uppercased()
        }
    }

    /// `/openapi/v2`: Swagger 2.0.
    public let v2: Document
    /// `/openapi/v3/apis/GROUP/VERSION`: OpenAPI 3.0.
    public let v3: Document
    /// `/openapi/v3`: where the document of the group version is, with its hash.
    public let index: Document
    /// The path of `v3`.
    public let path: String

    /// The documents of the resources of a group version.
    public init(_ groupVersion: GroupVersion, resources: [OpenAPIResource]) {
        let sorted = resources.sorted { $0.description.plural.precedesBytewise($1.description.plural) }
        func document(_ dialect: OpenAPIDialect) -> Document {
            Document(OpenAPIDocumentMaker(groupVersion: groupVersion, resources: sorted, dialect: dialect).document())
        }
        v2 = document(.v2)
        v3 = document(.v3)
        path = "/openapi/v3/apis/\(groupVersion)"
        let entry: JSONValue = ["serverRelativeURL": .string("\(path)?hash=\(v3.hash)")]
        index = Document(["paths": .object(["apis/\(groupVersion)": entry])])
    }
}
