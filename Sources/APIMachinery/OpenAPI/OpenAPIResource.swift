/// A resource as the OpenAPI documents tell it.
public struct OpenAPIResource: Sendable {
    /// Names, scope and subresources; its verbs are those that are served, whether discovery tells them or not.
    public var description: APIResourceDescription
    /// The shape of one object.
    public var schema: Schema
    /// The media types that a patch may have. Only these are told: kubectl chooses among them.
    public var patchTypes: [String]

    /// A resource of its parts.
    public init(_ description: APIResourceDescription, schema: Schema, patchTypes: [String] = []) {
        self.description = description
        self.schema = schema
        self.patchTypes = patchTypes
    }
}
