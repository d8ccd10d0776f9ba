internal import APIServer
public import ArgumentParser

/// Who may come in and what they may do.
public struct IdentityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with the CAs of client certificates (PEM): CN is the user, O are the groups. In the place of those of the cluster. Read again when it changes (default: those of the cluster; with --standalone none).",
            valueName: "file"))
    var clientCaFile: String?

    @Option(
        help: ArgumentHelp(
            "CSV file with static tokens: token,user,uid,\"group1,group2\". In a cluster besides its own tokens. Read again when it changes (default: none).",
            valueName: "file"))
    var tokenAuthFile: String?

    @Option(
        help: ArgumentHelp(
            "File or directory with RBAC manifests (Role, ClusterRole, RoleBinding, ClusterRoleBinding); may be repeated. In a cluster besides its own rights. Read again when they change (default: none; required with --standalone).",
            valueName: "path"))
    var authorizationRbacFile: [String] = []

    @Option(
        help: ArgumentHelp(
            "Paths that everybody may ask, comma-separated; one that ends in * stands for all that begin so.",
            valueName: "paths"))
    var authorizationAlwaysAllowPaths = ["/healthz", "/livez", "/readyz"]

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var clientCAFile: String?
        var tokenFile: String?
        var rbacPaths: [String]
        var alwaysAllowed: AlwaysAllowedAuthorizer
        var requestHeader: RequestHeaderOptions.Completed?
    }

    func complete(
        standalone: Bool, _ requestHeader: RequestHeaderOptions.Completed?, _ faults: inout Faults
    ) -> Completed {
        if standalone { requireFiles(hasFrontProxy: requestHeader != nil, &faults) }
        var alwaysAllowed = AlwaysAllowedAuthorizer()
        do throws(AlwaysAllowedAuthorizer.InvalidPath) {
            alwaysAllowed = try AlwaysAllowedAuthorizer(paths: ClusterOptions.words(authorizationAlwaysAllowPaths))
        } catch {
            faults.add("--authorization-always-allow-paths", error.description)
        }
        return Completed(
            clientCAFile: clientCaFile.map { faults.readable("--client-ca-file", $0) },
            tokenFile: tokenAuthFile.map { faults.readable("--token-auth-file", $0) },
            rbacPaths: authorizationRbacFile.map { faults.readable("--authorization-rbac-file", $0) },
            alwaysAllowed: alwaysAllowed, requestHeader: requestHeader)
    }

    private func requireFiles(hasFrontProxy: Bool, _ faults: inout Faults) {
        if authorizationRbacFile.isEmpty {
            faults.add(
                "--authorization-rbac-file",
                "is required with --standalone: without it nobody may do anything (manifests/base/user-roles.yaml is a start)"
            )
        }
        if clientCaFile == nil, tokenAuthFile == nil, !hasFrontProxy {
            faults.add(
                "--client-ca-file", "or --token-auth-file is required: without either nobody can prove who they are")
        }
    }
}
