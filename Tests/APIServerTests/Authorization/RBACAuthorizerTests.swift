import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// The meaning of RBAC, as `pkg/registry/rbac/validation/rule_test.go` and `plugin/pkg/auth/authorizer/rbac/rbac_test.go`
/// have it.
struct RBACAuthorizerTests {
    static let manifest = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: admin}
        rules:
        - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
        - {nonResourceURLs: ["*"], verbs: ["*"]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: view}
        rules:
        - {apiGroups: [g], resources: [things, things/log, "*/scale"], verbs: [get, list, watch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: paths}
        rules:
        - {nonResourceURLs: [/metrics, /apis/*, "/open**"], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: one, namespace: shop}
        rules:
        - {apiGroups: [g], resources: [things], resourceNames: [a, b], verbs: [get, update, list, create]}
        - {apiGroups: [""], resources: ["pods/*"], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: root}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: root}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: viewers, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
        subjects:
        - {kind: Group, name: dev, apiGroup: rbac.authorization.k8s.io}
        - {kind: ServiceAccount, name: robot}
        - {kind: ServiceAccount, name: robot, namespace: other}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: ones, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: one}
        subjects: [{kind: User, name: uma}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: everything, namespace: lab}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
        subjects: [{kind: User, name: uma}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: discovery}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: paths}
        subjects: [{kind: Group, name: "system:authenticated"}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: broken}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: nowhere}
        subjects: [{kind: User, name: lost}]
        """

    static func policy(_ text: String = manifest) throws -> RBACPolicy {
        RBACPolicy(try RBACManifest.read([SourceFile(path: "rbac.yaml", bytes: Array(text.utf8))]))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let user: String
        var groups: [String] = []
        let method: String
        let path: String
        let allowed: Bool
        var testDescription: String { "\(user) \(groups) \(method) \(path)" }

        init(_ user: String, _ groups: [String], _ method: String, _ path: String, _ allowed: Bool) {
            (self.user, self.groups, self.method, self.path, self.allowed) = (user, groups, method, path, allowed)
        }

        init(_ user: String, _ method: String, _ path: String, _ allowed: Bool) {
            self.init(user, [], method, path, allowed)
        }

        var attributes: Attributes {
            get throws {
                let info = try RequestInfoTests.parse(.init(rawValue: method), path)
                return Attributes(user: UserInfo(name: user, groups: groups), info: info)
            }
        }
    }

    static let shop = "/apis/g/v1/namespaces/shop/things"
    static let cases: [Case] = [
        Case("root", "GET", shop, true), Case("root", "DELETE", "/api/v1/nodes/n", true),
        Case("root", "PUT", "/x", true),
        Case("Root", "GET", shop, false), Case("other", "GET", shop, false),
        // A ClusterRole bound in a namespace holds there only.
        Case("x", ["a", "dev"], "GET", shop, true), Case("x", ["dev"], "GET", shop + "/a", true),
        Case("x", ["dev"], "GET", shop + "?watch=1", true),
        Case("x", ["dev"], "GET", "/apis/g/v1/namespaces/lab/things", false),
        Case("x", ["dev"], "GET", "/apis/g/v1/things", false), Case("x", ["dev"], "POST", shop, false),
        Case("x", ["dev"], "GET", "/apis/h/v1/namespaces/shop/things", false),
        Case("x", ["dev"], "GET", "/apis/g/v2/namespaces/shop/things", true),
        Case("dev", "GET", shop, false),
        // Subresources are resources of their own.
        Case("x", ["dev"], "GET", shop + "/a/log", true), Case("x", ["dev"], "GET", shop + "/a/status", false),
        Case("x", ["dev"], "GET", shop + "/a/scale", true),
        Case("x", ["dev"], "GET", "/apis/g/v1/namespaces/shop/gadgets/a/scale", true),
        Case("x", ["dev"], "GET", "/apis/g/v1/namespaces/shop/gadgets/a/upscale", false),
        Case("x", ["dev"], "GET", "/apis/g/v1/namespaces/shop/gadgets/a", false),
        // ServiceAccounts by their user name; without a namespace that of the binding.
        Case("system:serviceaccount:shop:robot", "GET", shop, true),
        Case("system:serviceaccount:other:robot", "GET", shop, true),
        Case("system:serviceaccount:lab:robot", "GET", shop, false), Case("robot", "GET", shop, false),
        // resourceNames: these only; no unnamed list, no create without a name (Z07).
        Case("uma", "GET", shop + "/a", true), Case("uma", "GET", shop + "/c", false),
        Case("uma", "PUT", shop + "/b", true),
        Case("uma", "GET", shop, false), Case("uma", "GET", shop + "?fieldSelector=metadata.name=a", true),
        Case("uma", "GET", shop + "?fieldSelector=metadata.name=c", false), Case("uma", "POST", shop, false),
        Case("uma", "GET", shop + "?fieldSelector=metadata.name=a&limit=zzz", false),
        // "things/*" is no wildcard.
        Case("uma", "GET", "/api/v1/namespaces/shop/pods/p/log", false),
        // "*" in a RoleBinding reaches neither cluster scope nor paths.
        Case("uma", "DELETE", "/apis/g/v1/namespaces/lab/things/x", true),
        Case("uma", "GET", "/apis/g/v1/things", false),
        Case("uma", "GET", "/metrics", false),
        // Paths.
        Case("x", ["system:authenticated"], "GET", "/metrics", true),
        Case("x", ["system:authenticated"], "GET", "/metrics/", false),
        Case("x", ["system:authenticated"], "POST", "/metrics", false),
        Case("x", ["system:authenticated"], "GET", "/apis/g", true),
        Case("x", ["system:authenticated"], "GET", "/apis", false),
        Case("x", ["system:authenticated"], "GET", "/apis/", true),
        Case("x", ["system:authenticated"], "GET", "/openapi", true),
        Case("x", ["system:authenticated"], "GET", shop, false),
        Case("x", ["system:unauthenticated"], "GET", "/metrics", false),
        Case("lost", "GET", shop, false),
    ]

    @Test(arguments: cases)
    func decidesAsKubernetesDoes(_ example: Case) throws {
        let policy = try Self.policy()
        let attributes = try example.attributes
        for _ in 1...2 {  // The second verdict is a remembered one.
            #expect(policy.policy(of: attributes.user).decide(attributes).isAllowed == example.allowed)
        }
    }

    @Test func tellsWhichBindingAllowed() throws {
        let policy = try Self.policy()
        let attributes = try Case("x", ["dev"], "GET", Self.shop, true).attributes
        guard case .allow(let reason) = policy.policy(of: attributes.user).decide(attributes) else {
            Issue.record("not allowed")
            return
        }
        #expect(reason == #"RBAC: allowed by RoleBinding "viewers/shop" of ClusterRole "view" to Group "dev""#)
    }

    @Test func toleratesRolesThatDontExistAndTells() throws {
        let policy = try Self.policy()
        #expect(policy.warnings.count == 1)
        let attributes = try Case("lost", "GET", Self.shop, false).attributes
        guard case .noOpinion(let reason) = policy.policy(of: attributes.user).decide(attributes) else {
            Issue.record("not undecided")
            return
        }
        #expect(reason == #"RBAC: clusterrole.rbac.authorization.k8s.io "nowhere" not found"#)
    }

    @Test func comparesNamesByteForByte() throws {
        let manifest = Self.manifest.replacing("name: root}]", with: "name: \"ren\u{E9}\"}]")
        let policy = try Self.policy(manifest)
        let composed = try Case("ren\u{E9}", "GET", Self.shop, true).attributes
        let decomposed = try Case("rene\u{301}", "GET", Self.shop, false).attributes
        #expect(policy.policy(of: composed.user).decide(composed).isAllowed)
        #expect(!policy.policy(of: decomposed.user).decide(decomposed).isAllowed)
    }

    @Test func remembersWithinBounds() throws {
        let policy = try Self.policy()
        for number in 0..<10_000 {
            let attributes = try Case("user\(number)", ["dev"], "GET", "/apis/g/v1/namespaces/shop/r\(number)", false)
                .attributes
            #expect(!policy.policy(of: attributes.user).decide(attributes).isAllowed)
        }
        let user = UserInfo(name: "x", groups: ["dev"])
        for number in 0..<10_000 {
            let attributes = try Case("x", ["dev"], "GET", "/apis/g/v1/namespaces/n\(number)/things", false).attributes
            #expect(!policy.policy(of: user).decide(attributes).isAllowed)
        }
    }

    @Test func aggregatesToAnyDepthAndInCircles() throws {
        func role(_ name: String, _ labels: String, _ selector: String?, _ resource: String?) -> String {
            """
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: \(name), labels: {\(labels)}}
            \(selector.map { "aggregationRule: {clusterRoleSelectors: [\($0)]}" } ?? "")
            rules: [\(resource.map { "{apiGroups: [g], resources: [\($0)], verbs: [get]}" } ?? "")]

            """
        }
        let manifest =
            role("leaf", "to: edit", nil, "leaves")
            + role("edit", "to: admin", "{matchLabels: {to: edit}}", "overwritten")
            + role("admin", "to: edit", "{matchExpressions: [{key: to, operator: In, values: [admin, other]}]}", nil)
                + """
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: b}
                roleRef: {kind: ClusterRole, name: admin}
                subjects: [{kind: User, name: u}]
                """
        let policy = try Self.policy(manifest)
        for (resource, allowed) in [("leaves", true), ("overwritten", false), ("others", false)] {
            let attributes = try Case("u", "GET", "/apis/g/v1/\(resource)/a", allowed).attributes
            #expect(policy.policy(of: attributes.user).decide(attributes).isAllowed == allowed)
        }
    }

    /// Z02
    @Test(arguments: [
        (Case("x", ["system:masters"], "DELETE", shop, true), true),
        (Case("x", ["system:masters"], "GET", "/x", true), true),
        (Case("system:masters", "GET", "/x", true), false), (Case("x", "GET", "/healthz", true), true),
        (Case("x", "POST", "/livez", true), true), (Case("x", "GET", "/readyz", true), true),
        (Case("x", "GET", "/readyz/ping", true), false), (Case("x", "GET", "/readyz/", true), false),
        (Case("x", "GET", "/livezz", true), false), (Case("x", "GET", "/apis/livez/v1/livez", true), false),
    ])
    func allowsMastersAndHealthBeforeAskingAnybody(_ example: Case, _ allowed: Bool) async throws {
        struct Down: Error {}
        let union = UnionAuthorizer([AlwaysAllowedAuthorizer(), ClosureAuthorizer { _ in .failed(Down()) }])
        let decision = await union.authorize(try example.attributes)
        #expect(decision.isAllowed == allowed)
        if !allowed, case .failed = decision {} else if !allowed { Issue.record("a failure was hidden") }
    }

    @Test func theUnionStopsAtADenial() async throws {
        let union = UnionAuthorizer([
            ClosureAuthorizer { _ in .noOpinion(reason: "a") }, ClosureAuthorizer { _ in .deny(reason: "no") },
            ClosureAuthorizer { _ in .allow(reason: "") },
        ])
        #expect(!(await union.authorize(try Case("x", "GET", "/", false).attributes).isAllowed))
    }
}
