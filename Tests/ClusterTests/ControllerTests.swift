import Foundation
import Glibc
import HTTPTransport
import TestSupport
import Testing

/// What kube-controller-manager's collector makes of our objects, and must not make of them.
@Suite(.serialized, .controlPlane, .controllerManager, .cluster(), .timeLimit(.minutes(8)))
struct ControllerTests {
    /// Objects of one namespace and their owners.
    private struct Family {
        let server: ClusterServer
        let namespace: String
        var plane: ControlPlane { server.plane }

        func uid(_ object: String) async throws -> String {
            try await plane.kubectl("get", object, "-n", namespace, "-o", "jsonpath={.metadata.uid}").text
        }

        func exists(_ object: String) async throws -> Bool {
            let got = try await plane.kubectl("get", object, "-n", namespace, "-o", "name", "--ignore-not-found")
            guard got.status == 0 else { throw Trouble("get \(object): \(got.err)") }
            return !got.lines.isEmpty
        }

        func configMap(_ name: String, metadata: String = "") async throws {
            try await plane.apply(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name), namespace: \(namespace)\(metadata)}\n")
        }

        func owned(by kind: String, _ apiVersion: String, _ name: String, uid: String) -> String {
            ", ownerReferences: [{apiVersion: \(apiVersion), kind: \(kind), name: \(name), uid: \(uid)}]"
        }

        /// Makes a ConfigMap with a capture that it owns.
        func pair(_ name: String) async throws {
            try await configMap(name)
            let owner = owned(by: "ConfigMap", "v1", name, uid: try await uid("cm/\(name)"))
            try await plane.apply(ClusterServer.capture(name, namespace, metadata: owner))
        }

        /// Returns when the collector has shown that it follows our resources and acts.
        func awaitCollector(_ name: String) async throws {
            try await pair(name)
            _ = try await plane.kubectl("delete", "cm", name, "-n", namespace)
            try await eventually("the collector has taken \(name)", within: .seconds(120)) {
                try await !exists("pcap/\(name)")
            }
        }
    }

    private func family(_ namespace: String) async throws -> Family {
        let server = try ClusterServer.shared
        try await server.makeNamespace(namespace)
        return Family(server: server, namespace: namespace)
    }

    /// G03: the collector's strategic merge patch is 415, after which it takes a merge patch; the object stays, its owner is out of it.
    @Test func orphansLoseTheirOwner() async throws {
        let family = try await family("orphans")
        try await family.plane.withControllerManager {
            try await family.awaitCollector("probe")
            try await family.pair("parent")
            let deleted = try await family.plane.kubectl(
                "delete", "cm", "parent", "-n", "orphans", "--cascade=orphan", "--timeout=60s")
            #expect(deleted.status == 0, "\(deleted.err)")
            try await family.awaitCollector("probe-after")
            let left = try await family.plane.kubectl(
                "get", "pcap", "parent", "-n", "orphans", "-o", "jsonpath={.metadata.name}:{.metadata.ownerReferences}")
            #expect(left.text == "parent:", "\(left.everything)")
        }
    }

    /// G02: a foreground deletion waits for what blocks it.
    @Test func aForegroundDeletionTakesTheDependentsFirst() async throws {
        let family = try await family("foreground")
        try await family.plane.withControllerManager {
            try await family.awaitCollector("probe")
            try await family.plane.apply(ClusterServer.capture("parent", "foreground"))
            let owner = family.owned(
                by: "ProfileCapture", "profefe.io/v1", "parent", uid: try await family.uid("pcap/parent"))
            try await family.configMap("child", metadata: owner)
            let deleted = try await family.plane.kubectl(
                "delete", "pcap", "parent", "-n", "foreground", "--cascade=foreground", "--timeout=60s")
            #expect(deleted.status == 0, "\(deleted.err)")
            #expect(try await !family.exists("cm/child"))
        }
    }

    /// G04, G05: a killed server comes back with the versions it had, and the collector deletes nothing that its objects own.
    @Test func aRestartCostsNoDependents() async throws {
        let family = try await family("restarted")
        let plane = family.plane
        func version() async throws -> Int {
            let list = try await plane.curl(
                "/apis/profefe.io/v1/profilecaptures?limit=1", plane.credentials("lister", ["system:masters"]))
            let object = try JSONSerialization.jsonObject(with: Data(list.body.utf8)) as? [String: Any]
            let text = (object?["metadata"] as? [String: Any])?["resourceVersion"] as? String
            return try #require(text.flatMap { Int($0) }, "\(list)")
        }
        try await plane.withControllerManager {
            try await family.awaitCollector("probe")
            try await plane.apply(ClusterServer.capture("parent", "restarted"))
            let owner = family.owned(
                by: "ProfileCapture", "profefe.io/v1", "parent", uid: try await family.uid("pcap/parent"))
            try await family.configMap("child", metadata: owner)
            for round in 0..<2 {
                let before = try await version()
                await family.server.kill()
                try await family.server.launch()
                try await family.server.waitUntilReady()
                try await family.server.waitUntilAvailable()
                #expect(try await version() >= before)
                try await family.awaitCollector("probe-\(round)")
                #expect(try await family.exists("cm/child"))
            }
            // It knew of the child all the time.
            _ = try await plane.kubectl("delete", "pcap", "parent", "-n", "restarted")
            try await eventually("the child goes with its owner", within: .seconds(120)) {
                try await !family.exists("cm/child")
            }
        }
    }
}
