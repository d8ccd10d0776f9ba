import APIMachinery
import NIOHTTP1
import TestSupport

@testable import APIServer

/// Paths, and the files that an operator writes.
let apiServerFuzzers = [
    Fuzzer(
        "request-target",
        seeds: [
            "/api/v1/namespaces/shop/pods/a/log?limit=5", "/apis/profefe.io/v1/namespaces/shop/profiles/p1/download",
            "/apis/profefe.io/v1/watch/profiles?fieldSelector=metadata.name%3Da", "//a/../b%2F%00?x=%zz",
            "/apis/g/v1/namespaces/n/status", "/api/v1/proxy/namespaces/n/pods/p/x/y",
        ], marks: "/%.?&=#;+\0watchproxy", holds: fuzzRequestTarget),
    Fuzzer(
        "token-file", seeds: ["t1,alice,u1,\"dev,ops\"\r\n\n\"t\"\"2\",\"b\nb\",,x\n", "# a\ntoken,name,uid\n"],
        marks: ",\"\r\n# ", holds: fuzzTokenFile),
    Fuzzer(
        "rbac-manifest",
        seeds: [
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: a, namespace: shop}
            rules:
            - {apiGroups: [profefe.io], resources: [profiles, "profiles/*"], verbs: [get], resourceNames: [x]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: a, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}
            subjects: [{kind: User, name: root}, {kind: Group, name: dev}, {kind: ServiceAccount, name: s, namespace: n}]
            """,
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: all, labels: {a: b}}
            aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}, {matchExpressions: [{key: a, operator: Exists}]}]}
            rules: [{nonResourceURLs: ["/metrics", "/healthz/*", "*"], verbs: ["*"]}]
            """,
        ], marks: "{}[]:,\"*-/ \n&~", holds: fuzzRBACManifest),
]

/// What is authorized must be what the path says: the same segments, in the same order.
private func fuzzRequestTarget(_ bytes: [UInt8]) -> Bool {
    guard let target = try? RequestTarget(String(decoding: bytes, as: UTF8.self)) else { return true }
    let query = QueryItems(parsing: target.query ?? "")
    guard let info = try? RequestInfo(method: .GET, target: target, query: query), info.isResourceRequest else {
        return true
    }
    var path = target.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
    for part in info.parts {
        guard let at = path.firstIndex(where: { $0.elementsEqual(part.utf8) }) else { return false }
        path = path[(at + 1)...]
    }
    return true
}

private func fuzzTokenFile(_ bytes: [UInt8]) -> Bool {
    _ = try? TokenFile(SourceFile(path: "fuzz", bytes: bytes))
    return true
}

/// No manifest says more about a path than a rule with nonResourceURLs can.
private func fuzzRBACManifest(_ bytes: [UInt8]) -> Bool {
    guard let objects = try? RBACManifest.read([SourceFile(path: "fuzz", bytes: bytes)]) else { return true }
    _ = RBACPolicy(objects).policy(of: UserInfo(name: "root", groups: ["dev"])).decide(
        Attributes(user: .anonymous, info: RequestInfo(path: "/metrics", verb: "get")))
    return true
}
