import Foundation
import HTTPTransport
import TestSupport
import Testing

/// Who may do what: through kube-apiserver and by the direct port, decided by the cluster's RBAC.
@Suite(.serialized, .controlPlane, .cluster(), .timeLimit(.minutes(5)))
struct RightsTests {
    private func setUp(_ server: ClusterServer, _ namespace: String) async throws {
        let plane = server.plane
        try await server.makeNamespace(namespace)
        for user in ["alice", "bob"] { try plane.writeKubeconfig(user, user: user) }
        #expect(try await server.upload(namespace).status == 0)
        let profile = try await plane.kubectl("get", "prof", "-n", namespace, "-o", "name").lines.first ?? ""
        let name = profile.split(separator: "/").last ?? ""
        try await plane.apply(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: reader, namespace: \(namespace)}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: viewers, namespace: \(namespace)}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-view}
            subjects:
            - {apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}
            - {kind: ServiceAccount, name: reader, namespace: \(namespace)}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: one-profile, namespace: \(namespace)}
            rules:
            - {apiGroups: [profefe.io], resources: [profiles], verbs: [get, list, watch], resourceNames: [\(name)]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: one-profile, namespace: \(namespace)}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: one-profile}
            subjects:
            - {apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}

            """)
    }

    /// Z01, Z04, Z07: through kube-apiserver, also with resourceNames; `auth can-i` agrees.
    @Test func eachUserSeesWhatRBACSays() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await setUp(server, "rights-a")
        #expect(try await server.upload("rights-a").status == 0)
        let names = try await plane.kubectl("get", "prof", "-n", "rights-a", "-o", "jsonpath={.items[*].metadata.name}")
            .text.split(separator: " ").map(String.init)
        #expect(names.count == 2)

        // alice may see all of this namespace and nothing of others.
        #expect(try await plane.kubectl(as: "alice", ["get", "prof", "-n", "rights-a", "-o", "name"]).lines.count == 2)
        let elsewhere = try await plane.kubectl(as: "alice", ["get", "prof", "-n", "default"])
        #expect(elsewhere.status != 0)
        #expect(
            elsewhere.err.contains(
                #"profiles.profefe.io is forbidden: User "alice" cannot list resource "profiles" in API group "profefe.io" in the namespace "default""#
            ))
        // bob may see the one that his Role names.
        let role = try await plane.kubectl(
            "get", "role", "one-profile", "-n", "rights-a", "-o", "jsonpath={.rules[0].resourceNames[0]}")
        let allowed = role.text
        for name in names {
            let got = try await plane.kubectl(as: "bob", ["get", "prof", name, "-n", "rights-a"])
            #expect((got.status == 0) == (name == allowed), "\(name): \(got.err)")
            let can = try await plane.kubectl(
                as: "bob", ["auth", "can-i", "get", "profiles.profefe.io/\(name)", "-n", "rights-a"])
            #expect((can.status == 0) == (name == allowed))
        }
        let selected = try await plane.kubectl(
            as: "bob", ["get", "prof", "-n", "rights-a", "--field-selector", "metadata.name=\(allowed)", "-o", "name"])
        #expect(selected.lines.count == 1)
        #expect(try await plane.kubectl(as: "bob", ["get", "prof", "-n", "rights-a"]).status != 0)
    }

    /// N07, N08: by the direct port with a bearer token.
    @Test func aBearerTokenWorksByTheDirectPort() async throws {
        let server = try ClusterServer.shared
        try await setUp(server, "rights-b")
        let path = "/apis/profefe.io/v1/namespaces/rights-b/profiles"
        let token = try await server.token("reader", in: "rights-b")
        let reviewed = try server.plane.reviews(of: "tokenreviews", by: ClusterServer.user).count
        for _ in 0..<5 {
            let answer = try await server.curl(path, ["-H", "Authorization: Bearer \(token)"])
            #expect(answer.status == 200)
        }
        // Five requests within the 10 seconds of the cache: one review, two if the cache was between them.
        let asked = try server.plane.reviews(of: "tokenreviews", by: ClusterServer.user).count - reviewed
        #expect((1...2).contains(asked))
        let elsewhere = try await server.curl(
            "/apis/profefe.io/v1/namespaces/default/profiles", ["-H", "Authorization: Bearer \(token)"])
        #expect(elsewhere.status == 403)
        #expect(
            elsewhere.body.contains(
                #"User \"system:serviceaccount:rights-b:reader\" cannot list resource \"profiles\""#))
        #expect(try await server.curl(path, ["-H", "Authorization: Bearer nonsense"]).status == 401)
        let anonymous = try await server.curl(path)
        #expect(anonymous.status == 403)
        #expect(anonymous.body.contains("system:anonymous"))
        // Z02: a path that everybody may ask for.
        #expect(try await server.curl("/livez").status == 200)
    }

    /// N02, N03, N10: nobody but the front proxy may say who somebody is.
    @Test func identityHeadersOfStrangersAreNotBelieved() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        let path = "/apis/profefe.io/v1/namespaces/default/profiles"
        let claim = ["-H", "X-Remote-User: admin", "-H", "X-Remote-Group: system:masters"]
        let plain = try await server.curl(path, claim)
        #expect(plain.status == 403)
        #expect(plain.body.contains("system:anonymous"))

        func asked(_ pair: TestCertificates.Pair) async throws -> Int {
            try await server.curl(path, claim + ["--cert", pair.certificateFile, "--key", pair.keyFile]).status
        }
        let stranger = try plane.frontProxy.mint(.init(commonName: "somebody-else"), name: "stranger")
        #expect(try await asked(stranger) == 401)
        let user = try plane.clients.mint(.init(commonName: "carol"), name: "carol")
        #expect(try await asked(user) == 403)
        let proxy = try plane.frontProxy.mint(.init(commonName: "front-proxy-client"), name: "front-proxy-again")
        #expect(try await asked(proxy) == 200)

        let impersonation = try await server.curl(
            path, ["-H", "Impersonate-User: admin", "--cert", user.certificateFile, "--key", user.keyFile])
        #expect(impersonation.status == 403)
    }

    /// Z06: a right that is taken away is gone within the caches' 10 seconds.
    @Test func aRevokedRightEnds() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await setUp(server, "rights-c")
        #expect(try await plane.kubectl(as: "alice", ["get", "prof", "-n", "rights-c"]).status == 0)
        _ = try await plane.kubectl("delete", "rolebinding", "viewers", "-n", "rights-c")
        try await eventually("alice is refused", within: .seconds(15)) {
            try await plane.kubectl(as: "alice", ["get", "prof", "-n", "rights-c"]).status != 0
        }
    }
}
