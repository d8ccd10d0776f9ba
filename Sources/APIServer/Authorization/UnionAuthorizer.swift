internal import APIMachinery

/// Asks authorizers in turn: the first that allows or denies decides.
///
/// One that failed is remembered and the next is asked; if nobody decides, a failure makes the verdict a failure (500, never
/// data), else the reasons are joined and nobody allowed it (403).
public struct UnionAuthorizer: Authorizer {
    private let authorizers: [any Authorizer]

    /// Asks in this order.
    public init(_ authorizers: [any Authorizer]) { self.authorizers = authorizers }

    /// The first verdict.
    public func authorize(_ attributes: Attributes) async -> Decision {
        var reasons: [String] = []
        var failure: (any Error)?
        for authorizer in authorizers {
            let decision = await authorizer.authorize(attributes)
            switch decision {
            case .allow, .deny: return decision
            case .noOpinion(let reason): if !reason.isEmpty { reasons.append(reason) }
            case .failed(let error): failure = failure ?? error
            }
        }
        if let failure { return .failed(failure) }
        return .noOpinion(reason: reasons.joined(separator: "\n"))
    }
}

/// What is allowed before anybody else is asked (conformance 3.2): everything to `system:masters`, and exactly `/healthz`,
/// `/livez` and `/readyz` to everybody.
public struct AlwaysAllowedAuthorizer: Authorizer {
    /// Makes one.
    public init() {}

    /// Allows those, has no opinion on the rest.
    public func authorize(_ attributes: Attributes) async -> Decision {
        if attributes.user.isMember(of: UserInfo.mastersGroup) { return .allow(reason: "") }
        if !attributes.isResourceRequest, HealthPaths.contains(attributes.path) { return .allow(reason: "") }
        return .noOpinion(reason: "")
    }
}
