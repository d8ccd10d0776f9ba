import APIMachinery
import Foundation
import TestSupport
import Testing

/// A02: what comes by profefe's own API is subject to the same admission as what people create, in profefe's envelope.
@Suite(.serverLog, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct CollectorAdmissionTests {
    private static func with(
        quota: Int? = nil, _ body: (ServerBehindKube, _ url: String) async throws -> Void
    ) async throws {
        try await ServerBehindKube.with(
            flags: RunningServer.collectorFlags,
            prepare: { kube, certificates in
                try kube.putAuthenticationConfigMap(ServerBehindKube.trust(certificates))
                guard let quota else { return }
                try kube.put(
                    ["spec": ["hard": ["count/profiles.profefe.io": .string("\(quota)")]]],
                    at: "/api/v1/namespaces/shop/resourcequotas/q1")
            }
        ) { cluster in try await body(cluster, try await cluster.server.collectorURL()) }
    }

    private static func send(_ url: String, _ namespace: String) async throws -> Answer {
        try await askCollector(
            url, "POST", target: "/api/0/profiles?service=web&type=heap&labels=namespace%3D\(namespace)",
            body: ProfileFixture.heap.bytes)
    }

    private static func error(_ answer: Answer) -> String {
        #expect(answer.json.keys == ["code", "error"], "\(answer.text)")
        #expect(answer.json["code"].integer == answer.status)
        return answer.json["error"].string ?? ""
    }

    @Test func aNamespaceThatIsNotThereOrIsGoingTakesNothing() async throws {
        try await Self.with { cluster, url in
            #expect(try await Self.send(url, "shop").status == 200)
            let missing = try await Self.send(url, "nowhere")
            #expect(missing.status == 404)
            #expect(Self.error(missing).contains("nowhere"))
            try cluster.kube.putNamespace("shop", isTerminating: true)
            try await eventually("the server knows that the namespace is going") {
                try await Self.send(url, "shop").status == 403
            }
            #expect(Self.error(try await Self.send(url, "shop")).contains("because it is being terminated"))
        }
    }

    @Test func aQuotaIsKept() async throws {
        try await Self.with(quota: 2) { cluster, url in
            for _ in 0..<2 { #expect(try await Self.send(url, "shop").status == 200) }
            let refused = try await Self.send(url, "shop")
            #expect(refused.status == 403)
            #expect(Self.error(refused).contains("exceeded quota: q1"))
            let who = try cluster.proxied("x", ["system:masters", "system:authenticated"])
            #expect(try await cluster.ask(ServerBehindKube.path("shop"), who).json["items"].array.count == 2)
        }
    }
}
