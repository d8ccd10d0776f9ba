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
    Fuzzer(
        "audit-policy",
        seeds: [
            """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
            - {level: None, nonResourceURLs: ["/livez*", "*"], users: ["alice"], userGroups: [dev]}
            - level: RequestResponse
              resources: [{group: g, resources: ["things/*", "*/log"], resourceNames: [a]}, {group: "*"}]
              namespaces: [n, ""]
              verbs: [get]
              omitManagedFields: true
            """
        ], marks: "{}[]:,\"*-/ \n&~", holds: fuzzAuditPolicy),
    Fuzzer(
        "traceparent",
        seeds: [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-x",
        ],
        marks: "-0f", holds: fuzzTraceparent),
    Fuzzer(
        "forwarded-for", seeds: ["192.0.2.7, 2001:db8::1,::ffff:10.0.0.1 , unknown", "fe80::1%eth0,1.2.3.4:80"],
        marks: ",:.% []", holds: fuzzForwardedFor),
    Fuzzer(
        "audited-body",
        seeds: [
            #"{"metadata":{"name":"a","managedFields":[{}]},"items":[{"metadata":{"managedFields":[]}}],"rows":[{"object":{}}]}"#
        ], marks: "{}[]:,\"", holds: fuzzAuditedBody),
]

/// No policy says that what isn't recorded has objects.
private func fuzzAuditPolicy(_ bytes: [UInt8]) -> Bool {
    guard let policy = try? AuditPolicy(SourceFile(path: "fuzz", bytes: bytes)) else { return true }
    guard !policy.rules.isEmpty, let target = try? RequestTarget("/apis/g/v1/namespaces/n/things/a/log"),
        let info = try? RequestInfo(method: .GET, target: target, query: QueryItems())
    else { return false }
    _ = policy.verdict(on: info, by: UserInfo(name: "alice", groups: ["dev"]))
    return policy.verdict(on: info, by: nil) == policy.verdict(on: info, by: nil)
}

private func fuzzTraceparent(_ bytes: [UInt8]) -> Bool {
    guard let context = TraceContext(String(decoding: bytes, as: UTF8.self)) else { return true }
    let digits = Set("0123456789abcdef")
    return context.traceID.count == 32 && context.parentID.count == 16
        && (context.traceID + context.parentID).allSatisfy(digits.contains)
}

private func fuzzForwardedFor(_ bytes: [UInt8]) -> Bool {
    let headers = HTTPHeaders([("x-forwarded-for", String(decoding: bytes, as: UTF8.self))])
    return SourceAddresses.of(headers, peer: nil).allSatisfy {
        $0.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
    }
}

/// A line of audit is one line of JSON, whatever was sent.
private func fuzzAuditedBody(_ bytes: [UInt8]) -> Bool {
    let facts = AuditFacts(
        level: .requestResponse, auditID: "a", requestURI: String(decoding: bytes, as: UTF8.self), verb: "get",
        user: nil, impersonatedUser: nil,
        sourceIPs: [], userAgent: "", object: .init(resource: "r", group: "g", version: "v1", subresource: ""),
        receivedAt: .earliest)
    var event = AuditEvent(
        facts: facts, stage: .responseComplete, stageTime: .latest, omitsManagedFields: true, annotations: [:])
    event.requestBody = AuditBody(bytes, contentType: nil)
    event.responseBody = AuditBody(bytes, contentType: "application/yaml")
    let line = event.line(limit: 100_000)
    guard line.last == 0x0A, !line.dropLast().contains(0x0A), let json = try? JSONValue.parse(line) else {
        return false
    }
    return json["requestObject"]?["metadata"]?["managedFields"] == nil
}

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
