import Foundation
import TestSupport
import Testing

/// The overlays about profefe collectors, installed as they are; the server runs with the flags of their Deployment.
@Suite(.serialized, .controlPlane, .timeLimit(.minutes(5)))
struct OverlayTests {
    private static let bytes = Result { try Data(contentsOf: ClusterServer.profile) }

    /// `collector-store`: what the collector has is seen through kube-apiserver, and what is sent there is the collector's.
    @Test func theProfilesOfACollectorAreNative() async throws {
        let bytes = try Array(Self.bytes.get())
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", [("namespace", "default"), ("pod", "web-1")], bytes: bytes)
            let flags = ["--collector-url=\(collector.url)", "--collector-poll-interval=1s"]
            try await ClusterServer.inAPlaneOfItsOwn(overlay: "collector-store", flags: flags) { server in
                let plane = server.plane
                try await eventually("the profile is there", within: .seconds(60)) {
                    try await plane.kubectl("get", "prof", "-n", "default").text.contains(row.xid)
                }
                let path = "/apis/profefe.io/v1/namespaces/default/profiles/\(row.xid)/download"
                #expect(try await plane.kubectl("get", "--raw", path).out == bytes)
                #expect(try await server.upload("default").status == 0)
                #expect(collector.rows.count == 2)
                #expect(try await server.profileCount("default") == 2)
                let deletion = try await plane.kubectl("delete", "prof", row.xid, "-n", "default", "--wait=false")
                #expect(deletion.status != 0 && deletion.err.contains("can't delete"), "\(deletion.err)")
            }
        }
    }

    /// `collector-api`: an agent with the token of a ServiceAccount sends into that one's namespace, others don't.
    @Test func agentsSendWithTheTokensOfServiceAccounts() async throws {
        let port = try FreePort.find()
        let flags = ["--collector-api-address=127.0.0.1:\(port)"]
        try await ClusterServer.inAPlaneOfItsOwn(overlay: "collector-api", flags: flags) { server in
            let plane = server.plane
            let service = try await plane.kubectl(
                "get", "service", "profefe-collector", "-n", "kube-system", "-o", "jsonpath={.spec.ports[0].port}")
            #expect(service.text == "10100")
            try await server.makeNamespace("shop")
            try await plane.apply(Self.agent)
            let token = try await server.token("agent", in: "shop")
            for labels in ["", "&labels=namespace%3Ddefault"] {
                let answer = try await Self.send(port, labels, token)
                #expect(answer.status == 200, "\(answer.body)")
            }
            #expect(try await server.profileCount("shop") == 2)
            #expect(try await server.profileCount("default") == 0)

            let stranger = try await server.token("stranger", in: "shop")
            #expect(try await Self.send(port, "", stranger).status == 403)
            #expect(try await Self.send(port, "", "nonsense").status == 401)
            // Nor may an agent read what it has sent.
            let found = try await Self.curl(
                port, "/services", ["-H", "Authorization: Bearer \(token)"])
            #expect(found.status == 403, "\(found.body)")
        }
    }

    private static let agent = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: agent, namespace: shop}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: stranger, namespace: shop}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: agents, namespace: shop}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-uploader}
        subjects:
        - {kind: ServiceAccount, name: agent, namespace: shop}

        """

    private static func send(_ port: Int, _ labels: String, _ token: String) async throws -> (
        status: Int, body: String
    ) {
        try await curl(
            port, "/profiles?service=web&type=cpu\(labels)",
            ["-H", "Authorization: Bearer \(token)", "--data-binary", "@\(ClusterServer.profile.path)"])
    }

    private static func curl(_ port: Int, _ path: String, _ arguments: [String]) async throws -> (
        status: Int, body: String
    ) {
        let output = try await Tool.curl.run(
            ["-sS", "-w", "\n%{http_code}"] + arguments + ["http://127.0.0.1:\(port)/api/0\(path)"])
        guard output.status == 0 else { throw Trouble("curl \(path): \(output.err)") }
        let text = output.text
        let cut = text.lastIndex(of: "\n") ?? text.startIndex
        return (Int(text[cut...].trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0, String(text[..<cut]))
    }
}
