/// One operation, in the words of neither form of the document.
struct OpenAPIOperation: Sendable {
    /// The method, as the key of the operation in its path.
    enum Method: String, Sendable, CaseIterable { case get, put, post, delete, patch }

    /// Media types and what they carry.
    struct Content: Sendable {
        let types: [String]
        let schema: Schema

        /// Objects, as every body of the API has them.
        static func object(_ schema: Schema) -> Content {
            Content(types: ["application/json", "application/yaml"], schema: schema)
        }

        /// Bytes of any type.
        static let bytes = Content(types: ["*/*"], schema: .string)
    }

    /// An answer.
    struct Answer: Sendable {
        let code: Int
        let description: String
        let content: Content
    }

    let method: Method
    /// `x-kubernetes-action`; none for discovery.
    var action: String?
    /// `x-kubernetes-group-version-kind`; none for discovery.
    var kind: GroupVersionKind?
    /// `operationId`, unique in the document.
    let id: String
    let description: String
    var parameters: [OpenAPIParameter] = []
    var body: Content?
    /// A deletion goes without.
    var isBodyRequired = true
    let answers: [Answer]
}

/// A path with its operations.
struct OpenAPIPath: Sendable {
    let path: String
    /// Of every operation.
    let parameters: [OpenAPIParameter]
    let operations: [OpenAPIOperation]
}
