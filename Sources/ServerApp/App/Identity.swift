internal import APIMachinery
internal import APIServer
internal import KubeClient
internal import Logging
internal import ProfileCapture

/// Who may come in and what they may do: by the files that the options name, and by the cluster if there is one.
///
/// Authenticators are asked in this order: front proxy, client certificate, token of the file, token of the cluster. Authorizers: what is
/// always allowed, the RBAC files, the cluster.
struct Identity: Sendable {
    let authenticator: any Authenticator
    let authorizer: any Authorizer
    /// The files behind both.
    let reloadables: [any Reloadable]

    /// Reads the files; nil if one of them can't be used: every such file is in `faults`.
    init?(
        _ options: IdentityOptions.Completed, _ cluster: Cluster?, registry: MetricsRegistry, logger: Logger,
        _ faults: inout Faults
    ) {
        guard let files = IdentityFiles(options, logger: logger, &faults) else { return nil }
        let now: @Sendable () -> Int64 = { Timestamp.now().seconds }
        let trust = cluster?.trust
        let (proxyFile, clientsFile) = (files.frontProxy, files.clientAuthorities)
        let authenticators: [(any Authenticator)?] = [
            RequestHeaderAuthenticator(
                configuration: { proxyFile?.configuration ?? trust?.current?.requestHeader }, now: now),
            ClientCertificateAuthenticator(
                authorities: { clientsFile?.authorities ?? trust?.current?.clientAuthorities }, now: now),
            files.tokens,
            cluster.map {
                TokenReviewAuthenticator(
                    $0.tokenReviewer, $0.options.tokens, metrics: ReviewMetrics(.authentication, registry: registry),
                    logger: logger)
            },
        ]
        let authorizers: [(any Authorizer)?] = [
            options.alwaysAllowed, files.rbac,
            cluster.map {
                SubjectAccessReviewAuthorizer(
                    $0.accessReviewer, $0.options.access, metrics: ReviewMetrics(.authorization, registry: registry),
                    logger: logger)
            },
        ]
        authenticator = UnionAuthenticator(authenticators.compactMap { $0 })
        authorizer = UnionAuthorizer(authorizers.compactMap { $0 })
        reloadables = files.all
    }

    /// Whether a requester may reach a pod that is not opted in: the right that port-forwarding to it takes.
    var mayReach: TargetResolver.MayReach {
        { [authorizer] requester, pod in
            let attributes = Attributes(
                user: requester, verb: "create", group: "", version: "v1", resource: "pods", subresource: "portforward",
                namespace: pod.namespace, name: pod.name)
            return await authorizer.authorize(attributes).isAllowed
        }
    }
}

/// The files that say who may come in and what they may do.
private struct IdentityFiles {
    let frontProxy: RequestHeaderFile?
    let clientAuthorities: ClientAuthoritiesFile?
    let tokens: TokenAuthenticator?
    let rbac: RBACAuthorizer?

    var all: [any Reloadable] {
        let files: [(any Reloadable)?] = [frontProxy, clientAuthorities, tokens, rbac]
        return files.compactMap { $0 }
    }

    init?(_ options: IdentityOptions.Completed, logger: Logger, _ faults: inout Faults) {
        let before = faults.messages.count
        frontProxy = options.requestHeader.flatMap { proxy in
            faults.read("--requestheader-client-ca-file") {
                try RequestHeaderFile(
                    caFile: proxy.caFile, allowedNames: proxy.allowedNames, names: proxy.names, logger: logger)
            }
        }
        clientAuthorities = options.clientCAFile.flatMap { path in
            faults.read("--client-ca-file") { try ClientAuthoritiesFile(path, logger: logger) }
        }
        tokens = options.tokenFile.flatMap { path in
            faults.read("--token-auth-file") { try TokenAuthenticator(file: path, logger: logger) }
        }
        rbac =
            options.rbacPaths.isEmpty
            ? nil
            : faults.read("--authorization-rbac-file") {
                try RBACAuthorizer(files: options.rbacPaths, logger: logger)
            }
        guard faults.messages.count == before else { return nil }
    }
}
