internal import APIMachinery
internal import NIOConcurrencyHelpers

/// The bindings of a set of manifests, by whom they bind. Immutable but for what it remembers; replaced as a whole on reload.
final class RBACPolicy: Sendable {
    /// A role's rules, bound to somebody.
    struct Grant: Sendable {
        /// Nil: everywhere, cluster scope and paths included.
        let namespace: ExactText?
        let rules: [RBACRule]
        /// `RBAC: allowed by ClusterRoleBinding "a" of ClusterRole "b" to User "c"`
        let reason: String
        /// What to tell if the role doesn't exist; its bindings bind nothing.
        let missingRole: String?
    }
    private struct Subject: Hashable {
        let isGroup: Bool
        let name: ExactText
    }
    /// Name and groups, byte for byte; made for each request, so without arrays of its own.
    private struct UserKey: Hashable {
        let name: String
        let groups: [String]

        static func == (left: UserKey, right: UserKey) -> Bool {
            left.groups.count == right.groups.count && left.name.isEqualByBytes(to: right.name)
                && zip(left.groups, right.groups).allSatisfy { $0.isEqualByBytes(to: $1) }
        }

        func hash(into hasher: inout Hasher) {
            ExactText(name).hash(into: &hasher)
            for group in groups { ExactText(group).hash(into: &hasher) }
        }
    }
    private let grants: [Subject: [Grant]]
    /// Bounded: emptied when full, filled again by need.
    private let users = NIOLockedValueBox<[UserKey: RBACUserPolicy]>([:])
    private static let userLimit = 1024

    /// Texts to log: bindings to roles that don't exist.
    let warnings: [String]

    init(_ objects: RBACObjects) {
        let clusterRules = RBACAggregation.rules(of: objects.roles).mapValues { $0.map(RBACRule.init) }
        var namespaced: [String: [RBACRule]] = [:]
        for role in objects.roles {
            if let namespace = role.namespace {
                namespaced["\(namespace)/\(role.name)"] = role.rules.map(RBACRule.init)
            }
        }
        var grants: [Subject: [Grant]] = [:]
        var warnings: [String] = []
        // Sorted, so that the reason of a verdict doesn't depend on the order of files.
        for binding in objects.bindings.sorted(by: { ($0.namespace ?? "", $0.name) < ($1.namespace ?? "", $1.name) }) {
            let rules =
                binding.role.kind == "Role"
                ? namespaced["\(binding.namespace ?? "")/\(binding.role.name)"] : clusterRules[binding.role.name]
            let kind = binding.role.kind.lowercased()
            let missing = rules == nil ? "\(kind).\(RBACObjects.group) \(binding.role.name.quoted) not found" : nil
            if let missing { warnings.append("\(binding.place): \(Self.title(binding)): \(missing)") }
            for subject in binding.subjects {
                let grant = Grant(
                    namespace: binding.namespace.map(ExactText.init), rules: rules ?? [],
                    reason: Self.reason(binding, subject), missingRole: missing)
                grants[Self.key(subject, in: binding), default: []].append(grant)
            }
        }
        self.grants = grants
        self.warnings = warnings
    }

    /// What the user may do.
    func policy(of user: UserInfo) -> RBACUserPolicy {
        let key = UserKey(name: user.name, groups: user.groups)
        if let known = users.withLockedValue({ $0[key] }) { return known }
        var all = grants[Subject(isGroup: false, name: ExactText(user.name))] ?? []
        for group in user.groups { all += grants[Subject(isGroup: true, name: ExactText(group))] ?? [] }
        let policy = RBACUserPolicy(all)
        users.withLockedValue { users in
            if users.count >= Self.userLimit { users.removeAll(keepingCapacity: true) }
            users[key] = policy
        }
        return policy
    }

    private static func key(_ subject: RBACObjects.Subject, in binding: RBACObjects.Binding) -> Subject {
        guard subject.kind == "ServiceAccount" else {
            return Subject(isGroup: subject.kind == "Group", name: ExactText(subject.name))
        }
        let namespace = subject.namespace.isEmpty ? binding.namespace ?? "" : subject.namespace
        return Subject(isGroup: false, name: ExactText("system:serviceaccount:\(namespace):\(subject.name)"))
    }

    private static func title(_ binding: RBACObjects.Binding) -> String {
        guard let namespace = binding.namespace else { return "ClusterRoleBinding \(binding.name.quoted)" }
        return "RoleBinding \("\(binding.name)/\(namespace)".quoted)"
    }

    private static func reason(_ binding: RBACObjects.Binding, _ subject: RBACObjects.Subject) -> String {
        var who = subject.name
        if subject.kind == "ServiceAccount" {
            who += "/" + (subject.namespace.isEmpty ? binding.namespace ?? "" : subject.namespace)
        }
        return "RBAC: allowed by \(title(binding)) of \(binding.role.kind) \(binding.role.name.quoted) "
            + "to \(subject.kind) \(who.quoted)"
    }
}
