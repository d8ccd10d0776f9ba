public import APIMachinery

/// What stands before every new object, whichever way it comes into being (conformance 3.5, 12).
public struct CreationGate: Sendable {
    private let authorizer: any Authorizer
    /// The last word on new objects.
    public let admission: AdmissionChain

    /// - Parameters:
    ///   - authorizer: asked where a request that isn't a create would create something; that of the chain.
    ///   - admission: asked for every new object.
    public init(authorizer: any Authorizer, admission: AdmissionChain = AdmissionChain()) {
        self.authorizer = authorizer
        self.admission = admission
    }

    /// Admits everything; lets nobody create what a request doesn't say it creates.
    public static let closedToUpdates = CreationGate(authorizer: UnionAuthorizer([]))

    /// Before a PUT or an apply makes an object that isn't there: the requester must have the right `create` too, by name.
    ///
    /// - Throws: 403, or 500 where that can't be decided.
    public func authorizeCreation(of key: ObjectKey, by request: AuthorizedRequest) async throws(StatusError) {
        var attributes = Attributes(user: request.user, info: request.info)
        attributes.verb = "create"
        attributes.name = key.name
        let known = authorizer.decideAtOnce(attributes)
        let decision = if let known { known } else { await authorizer.authorize(attributes) }
        if let refusal = Forbidden.refusal(decision, attributes) { throw refusal }
    }
}
