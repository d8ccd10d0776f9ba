import APIMachinery
import KubeClient
import NIOPosix
import TestSupport
import Testing

@testable import ProfileCapture

struct ClusterPodsTests {
    private func with(_ body: (FakeKubeAPI, ClusterPods) async throws -> Void) async throws {
        try await FakeKubeAPI.with { api in
            let client = KubeClient(
                config: try KubeConfigFile(parsing: Array(api.kubeconfig().utf8), path: "test").config(),
                userAgent: "test",
                group: MultiThreadedEventLoopGroup.singleton, logger: .silent)
            do {
                try await body(api, ClusterPods(client: client))
                await client.shutdown()
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }

    private func put(_ name: String, in api: FakeKubeAPI, status: JSONValue) throws {
        try api.put(
            [
                "apiVersion": "v1", "kind": "Pod",
                "metadata": [
                    "name": .string(name), "namespace": "default", "labels": ["app": "web"],
                    "annotations": ["profefe.com/enable": "true"],
                ],
                "spec": [
                    "nodeName": "node-1",
                    "containers": [["name": "app", "ports": [["name": "pprof", "containerPort": 6060]]]],
                ],
                "status": status,
            ], at: "/api/v1/namespaces/default/pods/\(name)")
    }

    private let running: JSONValue = [
        "phase": "Running", "podIP": "10.1.2.3", "conditions": [["type": "Ready", "status": "True"]],
    ]

    @Test func aPodIsFoundByItsName() async throws {
        try await with { api, pods in
            try put("web-1", in: api, status: running)
            let pod = try #require(try await pods.pod(ObjectKey(namespace: "default", name: "web-1")))
            #expect(pod.address == "10.1.2.3")
            #expect(pod.isRunning && pod.isReady)
            #expect(pod.containers == [Pod.Container(name: "app", ports: [Pod.Port(name: "pprof", number: 6060)])])
            #expect(api.count("GET", "/api/v1/namespaces/default/pods") == 0)
            #expect(try await pods.pod(ObjectKey(namespace: "default", name: "web-2")) == nil)
        }
    }

    @Test func allPodsOfANamespaceAreFoundPageByPage() async throws {
        try await with { api, pods in
            for index in 0..<1203 { try put("web-\(index)", in: api, status: running) }
            #expect(try await pods.pods(in: "default").count == 1203)
            #expect(api.count("GET", "/api/v1/namespaces/default/pods") == 3)
            #expect(try await pods.pods(in: "kube-system").isEmpty)
        }
    }

    @Test func aPodThatCannotBeUnderstoodIsLeftOutOfAListAndNamedAlone() async throws {
        try await with { api, pods in
            try put("good", in: api, status: running)
            try put("bad", in: api, status: ["phase": "Running", "podIP": "not an address"])
            #expect(try await pods.pods(in: "default").map(\.key.name) == ["good"])
            await #expect(throws: CaptureError(.invalidTarget, "")) {
                try await pods.pod(ObjectKey(namespace: "default", name: "bad"))
            }
        }
    }

    @Test func aPendingPodIsNotRunning() async throws {
        try await with { api, pods in
            try put("new", in: api, status: ["phase": "Pending"])
            #expect(try await pods.pods(in: "default").map(\.isRunning) == [false])
        }
    }

    @Test func aKubeAPIServerThatRefusesIsNoEmptyNamespace() async throws {
        try await with { api, pods in
            api.fail(FakeKubeFaultRule(.status(403, message: "no right to list pods")))
            await #expect(throws: CaptureError(.clusterUnavailable, "")) { try await pods.pods(in: "default") }
            await #expect(throws: CaptureError(.clusterUnavailable, "")) {
                try await pods.pod(ObjectKey(namespace: "default", name: "web-1"))
            }
        }
    }
}
