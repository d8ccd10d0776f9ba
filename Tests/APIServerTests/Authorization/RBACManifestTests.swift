import Testing

@testable import APIServer

struct RBACManifestTests {
    static let header = "apiVersion: rbac.authorization.k8s.io/v1\n"

    struct Refused: Sendable, CustomTestStringConvertible {
        let text: String
        let code: RBACError.Code
        let line: Int
        let message: String
        var testDescription: String { message }

        init(_ code: RBACError.Code, line: Int = 1, _ message: String, _ text: String) {
            (self.text, self.code, self.line, self.message) = (text, code, line, message)
        }
    }

    static func role(_ rule: String, _ kind: String = "ClusterRole", _ meta: String = "name: r") -> String {
        "\(header)kind: \(kind)\nmetadata: {\(meta)}\nrules: [\(rule)]\n"
    }

    static func binding(
        _ role: String, _ subjects: String, _ kind: String = "ClusterRoleBinding", _ meta: String = "name: b"
    ) -> String {
        "\(header)kind: \(kind)\nmetadata: {\(meta)}\nroleRef: {\(role)}\nsubjects: [\(subjects)]\n"
    }

    static let refused: [Refused] = [
        Refused(.syntax, line: 3, "", "\(header)kind: Role\n  bad: [\n"),
        Refused(
            .syntax, line: 7, "",
            "a: b\napiVersion: v1\nkind: X\n---\n\(header)kind: ClusterRole\nmetadata: {name: [}\n"),
        Refused(.syntax, "is given twice", "\(header)kind: ClusterRole\nmetadata: {name: a}\nrules: []\nrules: []\n"),
        Refused(.kind, "not an object with apiVersion and kind", "- a\n"),
        Refused(.kind, "not an object with apiVersion and kind", "kind: Role\n"),
        Refused(.kind, "not an object with apiVersion and kind", "apiVersion: 1\nkind: Role\n"),
        Refused(.kind, #"no kind "RolBinding""#, "\(header)kind: RolBinding\n"),
        Refused(
            .kind, #""rbac.authorization.k8s.io/v1beta1" is not served"#,
            "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\n"),
        Refused(.value, "metadata: Required value", "\(header)kind: ClusterRole\n"),
        Refused(.value, "metadata.name: Required value", "\(header)kind: ClusterRole\nmetadata: {}\n"),
        Refused(.field, "metadata.name: must be a string", "\(header)kind: ClusterRole\nmetadata: {name: 5}\n"),
        Refused(.value, "metadata.namespace: Required value", role("", "Role")),
        Refused(.value, "metadata.namespace: not allowed", role("", "ClusterRole", "name: r, namespace: ns")),
        Refused(.field, "rule: no such field", "\(header)kind: ClusterRole\nmetadata: {name: r}\nrule: []\n"),
        Refused(
            .field, "rules[0].resourceName: no such field",
            role("{apiGroups: [g], resources: [r], resourceName: [a], verbs: [get]}")),
        Refused(.field, "rules[1]: must be an object", role("{apiGroups: [g], resources: [r], verbs: [get]}, 5")),
        Refused(.field, "rules: must be a list", "\(header)kind: ClusterRole\nmetadata: {name: r}\nrules: {}\n"),
        Refused(.field, "rules[0].verbs: must be a list", role("{apiGroups: [g], resources: [r], verbs: get}")),
        Refused(
            .field, "rules[0].verbs: must be a list of strings", role("{apiGroups: [g], resources: [r], verbs: [1]}")),
        Refused(.value, "rules[0].verbs: Required value", role("{apiGroups: [g], resources: [r]}")),
        Refused(.value, "rules[0].apiGroups: Required value", role("{resources: [r], verbs: [get]}")),
        Refused(.value, "rules[0].resources: Required value", role("{apiGroups: [g], verbs: [get]}")),
        Refused(
            .value, "rules[0].nonResourceURLs: Invalid value",
            role("{nonResourceURLs: [/a], apiGroups: [g], verbs: [get]}")),
        Refused(
            .value, "namespaced rules cannot apply",
            role("{nonResourceURLs: [/a], verbs: [get]}", "Role", "name: r, namespace: ns")),
        Refused(
            .field, "aggregationRule: no such field",
            "\(header)kind: Role\nmetadata: {name: r, namespace: ns}\naggregationRule: {}\n"),
        Refused(
            .value, "aggregationRule.clusterRoleSelectors: Required value",
            "\(header)kind: ClusterRole\nmetadata: {name: r}\naggregationRule: {}\n"),
        Refused(
            .value, "operator: Invalid value",
            "\(header)kind: ClusterRole\nmetadata: {name: r}\naggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a, operator: Is}]}]}\n"
        ),
        Refused(
            .value, "matchExpressions[0]",
            "\(header)kind: ClusterRole\nmetadata: {name: r}\naggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a, operator: In}]}]}\n"
        ),
        Refused(.value, "roleRef: Required value", "\(header)kind: ClusterRoleBinding\nmetadata: {name: b}\n"),
        Refused(.value, #"roleRef.kind: Unsupported value: "Role""#, binding("kind: Role, name: r", "")),
        Refused(.value, "roleRef.name: Required value", binding("kind: ClusterRole", "")),
        Refused(.value, "roleRef.apiGroup: Unsupported value", binding("apiGroup: x, kind: ClusterRole, name: r", "")),
        Refused(
            .value, #"subjects[0].kind: Unsupported value: "Users""#,
            binding("kind: ClusterRole, name: r", "{kind: Users, name: a}")),
        Refused(.value, "subjects[0].name: Required value", binding("kind: ClusterRole, name: r", "{kind: User}")),
        Refused(
            .value, "subjects[0].namespace: Required value",
            binding("kind: ClusterRole, name: r", "{kind: ServiceAccount, name: a}")),
        Refused(
            .value, "subjects[0].apiGroup: Unsupported value",
            binding("kind: ClusterRole, name: r", "{kind: User, name: a, apiGroup: x}")),
        Refused(
            .value, "subjects[0].namespace: not allowed",
            binding("kind: ClusterRole, name: r", "{kind: Group, name: a, namespace: ns}")),
        Refused(
            .duplicate, line: 6, "ClusterRole r is there already, at f.yaml: line 1", role("") + "---\n" + role("")),
        Refused(
            .kind, "Lists in Lists",
            "{apiVersion: v1, kind: List, items: ["
                + String(repeating: "{apiVersion: v1, kind: List, items: [", count: 9)
                + String(repeating: "]}", count: 10)),
    ]

    @Test(arguments: refused)
    func refusesWithThePlace(_ example: Refused) {
        do {
            _ = try RBACManifest.read([SourceFile(path: "f.yaml", bytes: Array(example.text.utf8))])
            Issue.record("was accepted")
        } catch {
            #expect(error.code == example.code)
            #expect(error.place.path == "f.yaml")
            #expect(error.place.line == example.line)
            #expect(error.description.contains(example.message))
        }
    }

    @Test func readsListsJSONAndPassesOverOthers() throws {
        let text = """
            # A comment first.
            ---
            {"apiVersion":"v1","kind":"List","items":[
             {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"a","annotations":{"x":"y"}}},
             {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"s"}}]}
            ---
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBindingList
            metadata: {}
            items:
            - apiVersion: rbac.authorization.k8s.io/v1
              kind: RoleBinding
              metadata: {name: a, namespace: ns}
              roleRef: {kind: Role, name: r}
            ---
            apiVersion: apps/v1
            kind: Deployment
            """
        let objects = try RBACManifest.read([SourceFile(path: "f.yaml", bytes: Array(text.utf8))])
        #expect(objects.roles.map(\.name) == ["a"])
        #expect(objects.bindings.map(\.name) == ["a"])
        #expect(objects.bindings[0].subjects.isEmpty)
    }

    @Test func theSameNameInOtherNamespacesIsAnother() throws {
        let text =
            Self.role("", "Role", "name: r, namespace: a") + "---\n" + Self.role("", "Role", "name: r, namespace: b")
        #expect(try RBACManifest.read([SourceFile(path: "f", bytes: Array(text.utf8))]).roles.count == 2)
    }
}
