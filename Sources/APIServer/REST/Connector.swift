public import APIMachinery

/// A subresource with its own bodies: `widgets/w1/log`, `widgets/w1/download`.
///
/// It is handed the request as it came and returns the whole answer, either of which may be a stream. Negotiation is its own.
public protocol Connector: Sendable {
    /// Its name, the kind it answers with, and its verbs; these decide which methods reach it.
    var subresource: SubresourceDescription { get }
    /// Whether paths below it (`…/proxy/a/b`) are its too; false unless said otherwise.
    var takesSubpaths: Bool { get }
    /// Answers. The parent object need not exist: that is for the connector to say.
    func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse
}

extension Connector {
    /// No paths below.
    public var takesSubpaths: Bool { false }
}
