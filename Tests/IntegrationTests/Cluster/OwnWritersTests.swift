import APIMachinery
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// A02: what the server creates by itself is subject to the same admission as what people create.
@Suite(.serverLog, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct OwnWritersTests {
    private static let masters = ["system:masters", "system:authenticated"]
    private static let captures = "/apis/profefe.io/v1/namespaces/shop/profilecaptures"

    private func capture(_ name: String, _ cluster: ServerBehindKube, _ who: [String]) async throws {
        let body =
            #"{"apiVersion":"profefe.io/v1","kind":"ProfileCapture","metadata":{"name":"\#(name)"},"spec":{"target":{"podName":"web-1"},"types":["heap"]}}"#
        let made = try await cluster.ask(Self.captures, who + ["-H", "Content-Type: application/json", "-d", body])
        guard made.status == 201 else { throw Trouble("the capture was answered \(made.status): \(made.text)") }
    }

    private func ended(_ name: String, _ cluster: ServerBehindKube, _ who: [String]) async throws -> JSON {
        var status = JSON(value: nil)
        try await eventually("capture \(name) ends", within: .seconds(60)) {
            status = try await cluster.ask("\(Self.captures)/\(name)", who).json["status"]
            return ["Succeeded", "Failed"].contains(status["phase"].string)
        }
        return status
    }

    /// The namespace begins to end while the profile is being taken: the profile is not kept, and the capture says why.
    @Test func aCaptureKeepsNothingInANamespaceThatIsGoing() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let heap = Array(try Data(contentsOf: ServerHome.profile("heap")))
        try await ScriptedTarget.with({ _, _ in .after({ for await _ in gate { break } }, .ok(heap)) }) { target in
            try await ServerBehindKube.with(target: target.port) { cluster async throws in
                let who = try cluster.proxied("x", Self.masters)
                try await capture("late", cluster, who)
                await target.waitForRequests(1)
                try cluster.kube.putNamespace("shop", isTerminating: true)
                try await eventually("the server knows that the namespace is going") {
                    try await cluster.upload("shop", who).status == 403
                }
                open.finish()
                let status = try await ended("late", cluster, who)
                #expect(status["phase"].string == "Failed", "\(status)")
                #expect(status["results"][0]["reason"].string == "Forbidden", "\(status)")
                #expect(status["results"][0]["message"].string?.contains("because it is being terminated") == true)
                #expect(try await cluster.ask(ServerBehindKube.path("shop"), who).json["items"].array.isEmpty)
            }
        }
    }

    /// The same of a quota. What came of each capture is told by events on it and on its pod.
    @Test func aCaptureKeepsNoMoreThanTheQuota() async throws {
        let heap = Array(try Data(contentsOf: ServerHome.profile("heap")))
        try await ScriptedTarget.with({ _, _ in .ok(heap) }) { target in
            try await ServerBehindKube.with(
                target: target.port,
                prepare: { kube, certificates in
                    try kube.putAuthenticationConfigMap(ServerBehindKube.trust(certificates))
                    try kube.put(
                        ["spec": ["hard": ["count/profiles.profefe.io": "1"]]],
                        at: "/api/v1/namespaces/shop/resourcequotas/q1")
                }
            ) { cluster async throws in
                let who = try cluster.proxied("x", Self.masters)
                try await capture("first", cluster, who)
                #expect(try await ended("first", cluster, who)["phase"].string == "Succeeded")
                try await capture("second", cluster, who)
                let status = try await ended("second", cluster, who)
                #expect(status["results"][0]["reason"].string == "Forbidden", "\(status)")
                #expect(status["results"][0]["message"].string?.contains("exceeded quota: q1") == true, "\(status)")
                #expect(try await cluster.ask(ServerBehindKube.path("shop"), who).json["items"].array.count == 1)
                let events = "/apis/events.k8s.io/v1/namespaces/shop/events"
                await cluster.kube.wait { $0.count("POST", events) == 4 }
                let told = cluster.kube.requests.filter { $0.method == "POST" && $0.path == events }.compactMap(\.body)
                let heads = told.map {
                    "\($0["type"]?.stringValue ?? "") \($0["reason"]?.stringValue ?? "") \($0["regarding"]?["name"]?.stringValue ?? "")"
                }
                #expect(
                    heads == [
                        "Normal Profiled first", "Normal Profiled web-1", "Warning ProfileFailed second",
                        "Warning ProfileFailed web-1",
                    ])
                #expect(told.allSatisfy { $0["regarding"]?["uid"]?.stringValue?.isEmpty == false })
                #expect(told[2]["note"]?.stringValue?.contains("exceeded quota: q1") == true, "\(told)")
            }
        }
    }
}
