internal import NIOConcurrencyHelpers

/// What one user, with one set of groups, may do.
///
/// A verdict on a verb and a resource is remembered without the object's name, so that reading a thousand objects asks the
/// rules once; where rules name objects, the names are compared each time.
final class RBACUserPolicy: Sendable {
    private struct Verdict: Sendable {
        /// Of the first rule that allows it for every name.
        let reason: String?
        /// Rules that allow it for some names.
        let named: [(rule: RBACRule, reason: String)]
    }
    private let grants: [RBACPolicy.Grant]
    /// Bounded: emptied when full. Namespaces and resources come from outside.
    private let verdicts = NIOLockedValueBox<[RBACRequest: Verdict]>([:])
    private static let verdictLimit = 4096
    /// Verdicts on paths, bounded in the same way; long paths aren't remembered.
    private let pathVerdicts = NIOLockedValueBox<[PathQuestion: String?]>([:])
    private static let longestPath = 128

    private struct PathQuestion: Hashable {
        let verb: ExactText
        let path: ExactText
    }

    /// The grants to the user and to its groups.
    init(_ grants: [RBACPolicy.Grant]) {
        // Cluster-wide bindings are asked first, as Kubernetes does.
        self.grants = grants.filter { $0.namespace == nil } + grants.filter { $0.namespace != nil }
    }

    func decide(_ attributes: Attributes) -> Decision {
        let allowed = attributes.isResourceRequest ? resource(attributes) : path(attributes)
        if let allowed { return .allow(reason: allowed) }
        return .noOpinion(reason: missingRoles(attributes))
    }

    private func resource(_ attributes: Attributes) -> String? {
        let request = RBACRequest(attributes)
        let verdict = verdicts.withLockedValue { $0[request] } ?? remember(request)
        if let reason = verdict.reason { return reason }
        return verdict.named.first { $0.rule.allows(name: attributes.name) }?.reason
    }

    private func remember(_ request: RBACRequest) -> Verdict {
        var reason: String?
        var named: [(rule: RBACRule, reason: String)] = []
        for grant in grants where grant.namespace == nil || grant.namespace == request.namespace {
            for rule in grant.rules where rule.matches(request) {
                if rule.isNamed { named.append((rule, grant.reason)) } else if reason == nil { reason = grant.reason }
            }
        }
        let verdict = Verdict(reason: reason, named: reason == nil ? named : [])
        verdicts.withLockedValue { verdicts in
            if verdicts.count >= Self.verdictLimit { verdicts.removeAll(keepingCapacity: true) }
            verdicts[request] = verdict
        }
        return verdict
    }

    private func path(_ attributes: Attributes) -> String? {
        guard attributes.path.utf8.count <= Self.longestPath else { return grant(of: attributes) }
        let question = PathQuestion(verb: ExactText(attributes.verb), path: ExactText(attributes.path))
        if let known = pathVerdicts.withLockedValue({ $0[question] }) { return known }
        let reason = grant(of: attributes)
        pathVerdicts.withLockedValue { verdicts in
            if verdicts.count >= Self.verdictLimit { verdicts.removeAll(keepingCapacity: true) }
            verdicts[question] = .some(reason)
        }
        return reason
    }

    private func grant(of attributes: Attributes) -> String? {
        for grant in grants where grant.namespace == nil {
            if grant.rules.contains(where: { $0.matches(verb: attributes.verb, path: attributes.path) }) {
                return grant.reason
            }
        }
        return nil
    }

    /// Kubernetes tells who is denied that a role bound to them doesn't exist.
    private func missingRoles(_ attributes: Attributes) -> String {
        let namespace = ExactText(attributes.namespace)
        var missing: [String] = []
        for grant in grants where grant.namespace == nil || grant.namespace == namespace {
            if let text = grant.missingRole, !missing.contains(text) { missing.append(text) }
        }
        if missing.isEmpty { return "" }
        return "RBAC: " + (missing.count == 1 ? missing[0] : "[\(missing.joined(separator: ", "))]")
    }
}
