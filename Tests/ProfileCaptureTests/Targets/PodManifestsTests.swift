import APIMachinery
import Foundation
import NIOConcurrencyHelpers
import Testing

@testable import ProfileCapture

struct PodManifestsTests {
    private static let pod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web-7d4f5-abcde
          namespace: shop
          uid: 8e1c
          labels: {app: web, pod-template-hash: 7d4f5}
          annotations: {profefe.com/enable: "true"}
          ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7d4f5, uid: x, controller: true}]
        spec:
          nodeName: node-1
          containers: [{name: app, ports: [{name: pprof, containerPort: 6060}, {containerPort: 80}]}]
        status: {phase: Running, podIP: 10.1.2.3, conditions: [{type: Ready, status: "False"}]}
        """

    @Test func readsWhatACaptureNeeds() throws {
        let pods = try PodManifestParser.pods(of: Array(Self.pod.utf8))
        #expect(
            pods == [
                Pod(
                    key: ObjectKey(namespace: "shop", name: "web-7d4f5-abcde"), uid: "8e1c",
                    labels: ["app": "web", "pod-template-hash": "7d4f5"], annotations: ["profefe.com/enable": "true"],
                    nodeName: "node-1", address: "10.1.2.3",
                    containers: [.init(name: "app", ports: [.init(name: "pprof", number: 6060), .init(number: 80)])],
                    isRunning: true, isReady: false, workload: .init(kind: "Deployment", name: "web"))
            ])
    }

    @Test func readsListsAndSeveralDocuments() throws {
        let text = """
            kind: Pod
            metadata: {name: a}
            ---
            kind: List
            items: [{kind: Pod, metadata: {name: b}}, {kind: PodList, items: [{kind: Pod, metadata: {name: c}}]}]
            """
        let pods = try PodManifestParser.pods(of: Array(text.utf8))
        #expect(pods.map(\.key) == ["a", "b", "c"].map { ObjectKey(namespace: "default", name: $0) })
        #expect(pods.allSatisfy { $0.isRunning && $0.isReady && $0.address == nil })
    }

    @Test(arguments: [
        ("kind: Deployment\nmetadata: {name: a}", "Deployment"), ("metadata: {name: a}", "kind"),
        ("kind: Pod", "metadata.name"),
        (
            "kind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, ports: [{containerPort: 0}]}]}",
            "containerPort"
        ),
        (
            "kind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, ports: [{containerPort: 65536}]}]}",
            "containerPort"
        ),
        (
            "kind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, ports: [{containerPort: http}]}]}",
            "containerPort"
        ),
        ("kind: Pod\nmetadata: {name: a, annotations: {profefe.com/port: 6060}}", "profefe.com/port"),
        ("kind: Pod\nmetadata: {name: a, labels: {v: 1.0}}", "metadata.labels[v]"),
        ("kind: Pod\nmetadata: {name: a}\nstatus: {podIP: example.com}", "podIP"), ("a: [", "line"),
        ("kind: List\nitems: [{kind: Pod, metadata: {name: a}}, {kind: Node}]", "items[1]"),
    ])
    func refuses(_ text: String, _ place: String) {
        let error = #expect(throws: (any Error).self) { try PodManifestParser.pods(of: Array(text.utf8)) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(place))
    }

    @Test func aChangedFileIsReadAgainAndABrokenOneKeepsItsLastContent() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("pods-\(UUID()).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("kind: Pod\nmetadata: {name: a, namespace: shop}".utf8).write(to: file)
        let faults = NIOLockedValueBox<[String]>([])
        let manifests = try PodManifests(paths: [file.path]) { error in
            faults.withLockedValue { $0.append(error.description) }
        }
        #expect(try await manifests.pods(in: "shop").map(\.key.name) == ["a"])
        #expect(try await manifests.pods(in: "bank").isEmpty)
        // Every content has a length of its own: the stamp of the file need not differ in its time.
        try Data("kind: Pod\nmetadata: {name: bb, namespace: shop}".utf8).write(to: file)
        #expect(try await manifests.pods(in: "shop").map(\.key.name) == ["bb"])
        try Data("kind: Node".utf8).write(to: file)
        #expect(try await manifests.pods(in: "shop").map(\.key.name) == ["bb"])
        #expect(try await manifests.pods(in: "shop").map(\.key.name) == ["bb"])
        #expect(faults.withLockedValue { $0.count } == 1)
        #expect(faults.withLockedValue { $0.first?.hasPrefix(file.path) } == true)
    }

    @Test func aMissingFileIsAFaultAtStart() {
        #expect(throws: PodManifestError.self) { try PodManifests(paths: ["/nowhere/pods.yaml"]) { _ in } }
    }
}
