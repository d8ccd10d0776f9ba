internal import APIMachinery
internal import APIServer
internal import Logging
internal import ProfileCapture

/// Who may come in and what they may do, from the files that the options name.
struct Identity: Sendable {
    let authenticator: any Authenticator
    let authorizer: any Authorizer
    /// The files behind both.
    let reloadables: [any Reloadable]

    /// Reads the files; nil if one of them can't be used: every such file is in `faults`.
    init?(_ options: IdentityOptions.Completed, logger: Logger, _ faults: inout Faults) {
        let before = faults.messages.count
        let clientCA = options.clientCAFile.flatMap { path in
            faults.read("--client-ca-file") { try ClientAuthoritiesFile(path, logger: logger) }
        }
        let tokens = options.tokenFile.flatMap { path in
            faults.read("--token-auth-file") { try TokenAuthenticator(file: path, logger: logger) }
        }
        let rbac = faults.read("--authorization-rbac-file") {
            try RBACAuthorizer(files: options.rbacPaths, logger: logger)
        }
        guard faults.messages.count == before, let rbac else { return nil }
        let certificates = ClientCertificateAuthenticator(
            authorities: { clientCA?.authorities }, now: { Timestamp.now().seconds })
        let authenticators: [(any Authenticator)?] = [certificates, tokens]
        authenticator = UnionAuthenticator(authenticators.compactMap { $0 })
        authorizer = UnionAuthorizer([AlwaysAllowedAuthorizer(), rbac])
        let files: [(any Reloadable)?] = [clientCA, tokens, rbac]
        reloadables = files.compactMap { $0 }
    }

    /// Whether a requester may reach a pod that is not opted in: the right that port-forwarding to it takes.
    var mayReach: TargetResolver.MayReach {
        { [authorizer] requester, pod in
            let user = UserInfo(
                name: requester.name, uid: requester.uid, groups: requester.groups, extra: requester.extra)
            let attributes = Attributes(
                user: user, verb: "create", group: "", version: "v1", resource: "pods", subresource: "portforward",
                namespace: pod.namespace, name: pod.name)
            return await authorizer.authorize(attributes).isAllowed
        }
    }
}
