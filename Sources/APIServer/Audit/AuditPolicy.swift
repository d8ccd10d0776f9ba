internal import APIMachinery

/// Which requests are recorded, and how much of them: audit.k8s.io/v1 `Policy`. The first rule that matches counts; a request that
/// none matches isn't recorded.
public struct AuditPolicy: Sendable, Equatable {
    var rules: [AuditRule]

    init(rules: [AuditRule]) {
        self.rules = rules
    }

    /// Reads one document, YAML or JSON.
    ///
    /// - Throws: ``DocumentError`` with every fault.
    public init(_ file: SourceFile) throws(DocumentError) {
        self = try AuditPolicyDecoder.decode(file)
    }

    /// What is recorded of a request; `user` is nil when it couldn't be authenticated.
    func verdict(on info: RequestInfo, by user: UserInfo?) -> AuditVerdict {
        for rule in rules where rule.matches(info, user) { return rule.verdict }
        return AuditVerdict(level: .none)
    }
}

/// What a policy says of one request.
struct AuditVerdict: Sendable, Equatable {
    var level: AuditLevel
    /// Stages that write no event.
    var omittedStages: Set<AuditStage> = []
    /// Objects are recorded without `metadata.managedFields`.
    var omitsManagedFields = false
}

/// One rule: the requests it is about and what is recorded of them. An empty list means any.
struct AuditRule: Sendable, Equatable {
    /// Resources of a group.
    struct Resources: Sendable, Equatable {
        /// `*` is any.
        var group = ""
        /// `pods`, `pods/log`, `pods/*` (any subresource, and the resource itself), `*/scale`, `*`; empty means any.
        var resources: [String] = []
        /// Empty means any.
        var names: [String] = []
    }

    var verdict: AuditVerdict
    var users: [String] = []
    var groups: [String] = []
    var verbs: [String] = []
    var resources: [Resources] = []
    /// `""` is the cluster scope.
    var namespaces: [String] = []
    /// Whole paths, or the beginning of paths before a last `*`.
    var paths: [String] = []

    /// As k8s.io/apiserver `pkg/audit/policy/checker.go` decides. Texts are equal when their bytes are.
    func matches(_ info: RequestInfo, _ user: UserInfo?) -> Bool {
        if !users.isEmpty {
            guard let user, users.holds(user.name) else { return false }
        }
        if !groups.isEmpty {
            guard let user, user.groups.contains(where: { groups.holds($0) }) else { return false }
        }
        if !verbs.isEmpty, !verbs.holds(info.verb) { return false }
        if !namespaces.isEmpty || !resources.isEmpty {
            guard info.isResourceRequest, namespaces.isEmpty || namespaces.holds(info.namespace) else { return false }
            return resources.isEmpty || resources.contains { $0.matches(info) }
        }
        guard !paths.isEmpty else { return true }
        return !info.isResourceRequest && paths.contains { Self.path(info.path, matches: $0) }
    }

    private static func path(_ path: String, matches pattern: String) -> Bool {
        if pattern.utf8.last == UInt8(ascii: "*") { return path.utf8.starts(with: pattern.utf8.dropLast()) }
        return path.isExactly(pattern)
    }
}

extension AuditRule.Resources {
    fileprivate func matches(_ info: RequestInfo) -> Bool {
        guard group == "*" || group.isExactly(info.group) else { return false }
        guard !resources.isEmpty else { return true }
        guard names.isEmpty || names.holds(info.name) else { return false }
        return resources.contains { Self.pattern($0, matches: info) }
    }

    private static func pattern(_ pattern: String, matches info: RequestInfo) -> Bool {
        if pattern == "*" { return true }
        let full = info.subresource.isEmpty ? info.resource : "\(info.resource)/\(info.subresource)"
        if pattern.isExactly(full) { return true }
        if !info.subresource.isEmpty, pattern.isExactly("*/\(info.subresource)") { return true }
        return pattern.isExactly("\(info.resource)/*")
    }
}

extension String {
    fileprivate func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension [String] {
    fileprivate func holds(_ text: String) -> Bool { contains { $0.isExactly(text) } }
}
