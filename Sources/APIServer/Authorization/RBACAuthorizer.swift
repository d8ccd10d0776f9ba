internal import APIMachinery
public import Logging

/// Decides by Roles, ClusterRoles and their bindings out of manifest files (`--authorization-rbac-file`), with exactly the
/// meaning they have in a cluster.
///
/// Files and directories (`.yaml`, `.yml`, `.json` in them) are read again when they change; a set that is wrong anywhere is
/// logged with file and line, and the last good one stays in force. A binding to a role that doesn't exist grants
/// nothing and is logged. What isn't allowed is "no opinion": RBAC has no rule that denies.
public struct RBACAuthorizer: ImmediateAuthorizer, Reloadable {
    private let policy: FileBacked<RBACPolicy>

    /// Reads the manifests; throws what is wrong with them. Read again when they change, see ``FileReloader``.
    public init(files paths: [String], logger: Logger) throws {
        policy = try FileBacked(paths, what: "RBAC manifests", logger: logger) { files in
            let policy = RBACPolicy(try RBACManifest.read(files))
            for warning in policy.warnings {
                logger.warning("RBAC binding grants nothing", metadata: ["binding": "\(warning)"])
            }
            return policy
        }
    }

    /// Whether a rule bound to the user, or to a group of it, allows it.
    public func decide(_ attributes: Attributes) -> Decision {
        policy.value.policy(of: attributes.user).decide(attributes)
    }

    /// The same until the files are read anew.
    public func lasting(_ attributes: Attributes) -> Lasting<Decision>? {
        let (policy, ground) = policy.reading
        return Lasting(policy.policy(of: attributes.user).decide(attributes), on: [ground])
    }

    /// Reads the files anew if they changed.
    public func reloadIfChanged() { policy.reloadIfChanged() }
}
