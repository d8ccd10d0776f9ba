internal import APIMachinery

/// Fills in aggregated ClusterRoles, as the controller `clusterroleaggregation` does: the rules of such a role are those of
/// all ClusterRoles (but itself) that one of its selectors matches, its own are overwritten. A role may be aggregated from
/// aggregated ones, to any depth and in circles.
enum RBACAggregation {
    /// The rules of every ClusterRole by name.
    static func rules(of roles: [RBACObjects.Role]) -> [String: [RBACObjects.Rule]] {
        let cluster = roles.filter { $0.namespace == nil }.sorted { $0.name < $1.name }
        var rules: [String: [RBACObjects.Rule]] = [:]
        for role in cluster { rules[role.name] = role.aggregates == nil ? role.rules : [] }
        let aggregated = cluster.filter { $0.aggregates != nil }
        // Rules only ever spread: after as many rounds as there are such roles, nothing can change any more.
        for _ in aggregated {
            var changed = false
            for role in aggregated {
                let union = union(for: role, of: cluster, rules)
                changed = changed || union.count != rules[role.name]?.count
                rules[role.name] = union
            }
            if !changed { break }
        }
        return rules
    }

    private static func union(
        for role: RBACObjects.Role, of cluster: [RBACObjects.Role], _ rules: [String: [RBACObjects.Rule]]
    ) -> [RBACObjects.Rule] {
        var union: [RBACObjects.Rule] = []
        var seen: Set<RBACObjects.Rule> = []
        for selector in role.aggregates ?? [] {
            for other in cluster where other.name != role.name && selector.matches(other.labels) {
                for rule in rules[other.name] ?? [] where seen.insert(rule).inserted { union.append(rule) }
            }
        }
        return union
    }
}
