public import APIMachinery

/// The errors of authorization, in Kubernetes' words (conformance 3.4; apiserver `responsewriters.Forbidden`).
enum Forbidden {
    /// What a decision is answered with; nil if it allows.
    static func refusal(_ decision: Decision, _ attributes: Attributes) -> StatusError? {
        switch decision {
        case .allow: nil
        case .deny(let reason), .noOpinion(let reason): error(attributes, reason: reason)
        case .failed(let error): undecided(error)
        }
    }

    /// 403: who cannot do what, where; `reason` of the authorizer appended.
    ///
    /// `&`, `<` and `>` of what the client chose are sent as entities; `details` name it as it is.
    static func error(_ attributes: Attributes, reason: String) -> StatusError {
        let text = sentence(attributes).htmlEscaped + (reason.isEmpty ? "" : ": \(reason)")
        guard attributes.isResourceRequest else { return .forbidden(nil, text) }
        let resource = GroupResource(group: attributes.group, resource: attributes.resource)
        return .forbidden(resource, name: attributes.name, text)
    }

    private static func sentence(_ attributes: Attributes) -> String {
        let start = "User \(attributes.user.name.quoted) cannot \(attributes.verb)"
        guard attributes.isResourceRequest else { return "\(start) path \(attributes.path.quoted)" }
        let subresource = attributes.subresource.isEmpty ? "" : "/\(attributes.subresource)"
        let scope =
            attributes.namespace.isEmpty ? "at the cluster scope" : "in the namespace \(attributes.namespace.quoted)"
        return "\(start) resource \((attributes.resource + subresource).quoted) "
            + "in API group \(attributes.group.quoted) \(scope)"
    }

    /// 500: nobody could say whether it is allowed, so it isn't. The cause is logged, not sent.
    static func undecided(_ error: any Error) -> StatusError {
        UndecidedAuthorization(error).refusal
    }
}

/// Nobody could say whether a request is allowed: asking again may help.
public struct UndecidedAuthorization: Error, CustomStringConvertible {
    /// Why.
    public let cause: any Error

    /// - Parameter cause: of ``Decision/failed(_:)``.
    public init(_ cause: any Error) { self.cause = cause }

    /// Its cause.
    public var description: String { "\(cause)" }

    /// 500, without the cause; that is logged.
    public var refusal: StatusError {
        .internalError("the authorization of the request could not be decided").caused(by: self)
    }
}
