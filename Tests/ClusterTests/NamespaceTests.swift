import Foundation
import Glibc
import TestSupport
import Testing

/// Namespaces come and go with kube-controller-manager; a bad aggregated server would block every one of them.
@Suite(.serialized, .controlPlane, .controllerManager, .cluster(), .timeLimit(.minutes(8)))
struct NamespaceTests {
    private func delete(_ namespace: String, _ plane: ControlPlane, within seconds: Int) async throws {
        let gone = try await plane.kubectl(
            "delete", "namespace", namespace, "--timeout=\(seconds)s", within: .seconds(seconds + 20))
        if gone.status != 0 {
            let why = try await plane.kubectl("get", "namespace", namespace, "-o", "jsonpath={.status.conditions}")
            Issue.record("namespace \(namespace) is still there after \(seconds) s: \(why.text)")
        }
    }

    /// D08: a namespace with a thousand profiles and captures ends within seconds and leaves nothing.
    @Test func aFullNamespaceIsDeletedWithEverythingInIt() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("full")
        let token = try await uploader(server, "full")
        let load = try await Tool.sh.run(
            [
                "-c",
                """
                seq 1000 | xargs -P 8 -I{} curl -sS -o /dev/null -w '%{http_code}\\n' -k -H "Authorization: Bearer $0" \
                --data-binary @\(ClusterServer.profile.path) \
                'https://127.0.0.1:\(server.port)/apis/profefe.io/v1/namespaces/full/profileservices/web/profiles?type=cpu' \
                | sort | uniq -c
                """, token,
            ], within: .seconds(180))
        #expect(load.text.contains("1000 201"), "\(load.text)\(load.err)")
        for index in 0..<10 { try await plane.apply(ClusterServer.capture("c\(index)", "full")) }
        try await plane.withControllerManager { try await delete("full", plane, within: 60) }
        try await server.makeNamespace("full")
        #expect(try await server.profileCount("full") == 0)
        _ = try await plane.kubectl("delete", "namespace", "full", "--wait=false")
    }

    private func uploader(_ server: ClusterServer, _ namespace: String) async throws -> String {
        try await server.plane.apply(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: agent, namespace: \(namespace)}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: agent, namespace: \(namespace)}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: profefe-uploader}
            subjects: [{kind: ServiceAccount, name: agent, namespace: \(namespace)}]

            """)
        return try await server.token("agent", in: namespace)
    }

    /// D09: namespaces that don't concern us are deleted while the server is restarted, and when it has lost its store.
    @Test func otherNamespacesAreDeletedWhileTheServerRestartsAndWithoutItsStore() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await plane.withControllerManager {
            _ = try await plane.kubectl("create", "namespace", "other-1")
            try await server.terminate()
            try await server.launch()
            try await delete("other-1", plane, within: 60)

            try await server.terminate()
            try FileManager.default.removeItem(atPath: server.data)
            try await server.launch()
            _ = try await plane.kubectl("create", "namespace", "other-2")
            try await delete("other-2", plane, within: 60)
        }
    }

    /// A01: nothing is created in a namespace that is not there, nor in one that is going.
    @Test func nothingIsCreatedInANamespaceThatIsMissingOrGoing() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        let missing = try await server.upload("no-such-namespace")
        #expect(missing.err.contains(#"namespaces "no-such-namespace" not found"#))

        try await server.makeNamespace("going")
        // Without kube-controller-manager it stays Terminating.
        _ = try await plane.kubectl("delete", "namespace", "going", "--wait=false")
        try await eventually("creating is refused") {
            try await server.upload("going").err.contains("because it is being terminated")
        }
        let capture = try await plane.kubectl(
            as: ControlPlane.admin, ["create", "-f", "-"], input: .text(ClusterServer.capture("late", "going")))
        #expect(capture.err.contains("unable to create new content in namespace going because it is being terminated"))
        #expect(try await plane.kubectl("get", "prof", "-n", "going").status == 0)
    }

    /// A03: `count/…` quotas are kept.
    @Test func aQuotaOfProfilesIsKept() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("narrow")
        try await plane.apply(
            """
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: few, namespace: narrow}
            spec: {hard: {count/profiles.profefe.io: "2"}}

            """)
        try await plane.withControllerManager {
            try await eventually("the quota has a status", within: .seconds(60)) {
                try await plane.kubectl("get", "resourcequota", "few", "-n", "narrow", "-o", "jsonpath={.status.hard}")
                    .text.contains("profiles")
            }
            var refusal = ""
            for _ in 0..<4 {
                let answer = try await server.upload("narrow")
                if answer.status != 0 { refusal = answer.err }
            }
            #expect(refusal.contains("exceeded quota: few, requested: count/profiles.profefe.io=1"), "\(refusal)")
            #expect(try await server.profileCount("narrow") == 2)
        }
    }

    /// G01, G02: the collector's caches come to be synced with us installed, and captures go with their owner.
    @Test func capturesAreCollectedWithTheirOwner() async throws {
        let server = try ClusterServer.shared
        let plane = server.plane
        try await server.makeNamespace("owned")
        try await plane.apply(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: owner, namespace: owned}

            """)
        let uid = try await plane.kubectl("get", "cm", "owner", "-n", "owned", "-o", "jsonpath={.metadata.uid}").text
        let owner = ", ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: \(uid)}]"
        try await plane.apply(ClusterServer.capture("mine", "owned", metadata: owner))
        try await plane.apply(ClusterServer.capture("free", "owned"))
        try await plane.withControllerManager {
            _ = try await plane.kubectl("delete", "cm", "owner", "-n", "owned")
            try await eventually("the owned capture is gone", within: .seconds(60)) {
                try await plane.kubectl("get", "pcap", "-n", "owned", "-o", "name").lines
                    == ["profilecapture.profefe.io/free"]
            }
        }
    }
}
