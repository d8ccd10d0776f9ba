public import ArgumentParser

/// Who may come in and what they may do.
public struct IdentityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with the CAs of client certificates (PEM): CN is the user, O are the groups. Read again when it changes.",
            valueName: "file"))
    var clientCaFile: String?

    @Option(
        help: ArgumentHelp(
            "CSV file with static tokens: token,user,uid,\"group1,group2\". Read again when it changes.",
            valueName: "file"))
    var tokenAuthFile: String?

    @Option(
        help: ArgumentHelp(
            "File or directory with RBAC manifests (Role, ClusterRole, RoleBinding, ClusterRoleBinding); may be repeated. Read again when they change.",
            valueName: "path"))
    var authorizationRbacFile: [String] = []

    /// The defaults, or what the command line says.
    public init() {}

    /// The options as values.
    struct Completed: Sendable {
        var clientCAFile: String?
        var tokenFile: String?
        var rbacPaths: [String]
    }

    func complete(_ faults: inout Faults) -> Completed {
        if authorizationRbacFile.isEmpty {
            faults.add(
                "--authorization-rbac-file",
                "is required with --standalone: without it nobody may do anything (manifests/base/user-roles.yaml is a start)"
            )
        }
        if clientCaFile == nil, tokenAuthFile == nil {
            faults.add(
                "--client-ca-file", "or --token-auth-file is required: without either nobody can prove who they are")
        }
        return Completed(
            clientCAFile: clientCaFile.map { faults.readable("--client-ca-file", $0) },
            tokenFile: tokenAuthFile.map { faults.readable("--token-auth-file", $0) },
            rbacPaths: authorizationRbacFile.map { faults.readable("--authorization-rbac-file", $0) })
    }
}
