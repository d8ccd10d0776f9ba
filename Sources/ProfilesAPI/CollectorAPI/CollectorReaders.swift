internal import APIMachinery
internal import APIServer

/// Lets reads of all namespaces through to who answers them: he tells of those namespaces only that may be read, see
/// ``ReadableNamespaces``. All else is decided as everywhere.
struct CollectorAuthorizer: Authorizer {
    let base: any Authorizer

    func authorize(_ attributes: Attributes) async -> Decision {
        if let decision = limited(attributes) { return decision }
        return await base.authorize(attributes)
    }

    func decideAtOnce(_ attributes: Attributes) -> Decision? { limited(attributes) ?? base.decideAtOnce(attributes) }

    private func limited(_ attributes: Attributes) -> Decision? {
        guard attributes.isResourceRequest, attributes.namespace.isEmpty, ["get", "list"].contains(attributes.verb)
        else { return nil }
        return .allow(reason: "the answer is limited to the namespaces that may be read")
    }
}

/// Lets everybody do everything that profefe's API can: `--collector-api-anonymous`.
struct CollectorOpenAuthorizer: ImmediateAuthorizer {
    func decide(_ attributes: Attributes) -> Decision { .allow(reason: "--collector-api-anonymous") }
}

/// Which namespaces somebody may read, asked one by one where not all of them may be.
struct ReadableNamespaces: Sendable {
    let authorizer: any Authorizer

    /// Whether `user` may do it in the namespace; in all of them if that is empty.
    ///
    /// - Throws: 500 where it can't be decided.
    func may(
        _ user: UserInfo, _ verb: String, _ resource: String, in namespace: String, name: String = ""
    ) async throws(StatusError) -> Bool {
        let attributes = Self.attributes(user, verb, resource, namespace, name)
        let known = authorizer.decideAtOnce(attributes)
        let decision = if let known { known } else { await authorizer.authorize(attributes) }
        if case .failed(let error) = decision { throw UndecidedAuthorization(error).refusal }
        return decision.isAllowed
    }

    /// The same where nobody has to be asked; nil otherwise.
    func mayAtOnce(
        _ user: UserInfo, _ verb: String, _ resource: String, in namespace: String, name: String
    ) -> Bool? {
        authorizer.decideAtOnce(Self.attributes(user, verb, resource, namespace, name))?.isAllowed
    }

    /// Those of the namespaces whose objects of the resource `user` may list.
    func among(
        _ namespaces: [String], _ user: UserInfo, _ resource: String
    ) async throws(StatusError) -> [String] {
        if try await may(user, "list", resource, in: "") { return namespaces }
        var readable: [String] = []
        for namespace in namespaces {
            if try await may(user, "list", resource, in: namespace) { readable.append(namespace) }
        }
        return readable
    }

    /// 403 for who may read nothing at all: to be told that there is nothing would hide that a right is missing.
    static func none(_ user: UserInfo, _ resource: String) -> StatusError {
        .forbidden(
            ProfilesGroup.resource(resource), name: "",
            "User \(user.name.quoted) cannot list resource \(resource.quoted) in API group "
                + "\(ProfilesGroup.groupVersion.group.quoted) in any namespace that has profiles")
    }

    private static func attributes(
        _ user: UserInfo, _ verb: String, _ resource: String, _ namespace: String, _ name: String
    ) -> Attributes {
        Attributes(
            user: user, verb: verb, group: ProfilesGroup.groupVersion.group,
            version: ProfilesGroup.groupVersion.version, resource: resource, namespace: namespace, name: name)
    }
}
