import APIMachinery
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// Who comes in, what they may do and what comes into being, as a cluster says: the built server, a FakeKubeAPI, and curl.
@Suite(.serverLog, .enabled(if: Tool.curl.isPresent, Tool.curl.absence))
struct BehindKubeAPITests {
    private static let reader = FakeKubeRule(
        ["alice", "dev"], verbs: ["get", "list", "create"], resources: ["profiles", "profileservices/profiles"],
        namespace: "shop")
    private static let discovery = FakeKubeRule(
        ["system:authenticated"], verbs: ["get"], paths: ["/openapi/*", "/apis/*", "/version"])
    private static let masters = ["system:masters", "system:authenticated"]

    /// N02 N03 N04 N06 N08 N09 Z01 Z04: everybody who may come, and some who only claim to be them.
    @Test func everyoneIsWhoTheyAreAndMayWhatTheyMay() async throws {
        try await ServerBehindKube.with { cluster async throws in
            let kube = cluster.kube
            kube.users = ["token-of-alice": FakeKubeUser("alice", uid: "u1", groups: ["system:authenticated"])]
            kube.allow(Self.reader, Self.discovery)
            let shop = ServerBehindKube.path("shop")
            // Proxied, by a certificate, by a token.
            #expect(try await cluster.ask(shop, cluster.proxied("alice")).status == 200)
            #expect(try await cluster.ask(shop, cluster.proxied("bob", ["dev"])).status == 200)
            #expect(try await cluster.ask(shop, cluster.client("alice")).status == 200)
            #expect(try await cluster.ask(shop, cluster.client("carol", ["dev"])).status == 200)
            #expect(try await cluster.ask(shop, ServerBehindKube.bearer("token-of-alice")).status == 200)
            // The aggregator's own.
            let aggregator = try await cluster.ask("/openapi/v2", cluster.proxied("system:aggregator", []))
            #expect(aggregator.status == 200)
            let everywhere = try await cluster.ask("/apis/profefe.io/v1/profiles", cluster.proxied("x", Self.masters))
            #expect(everywhere.status == 200)
            // Without the right.
            let refused = try await cluster.ask(ServerBehindKube.path("other"), cluster.proxied("alice"))
            #expect(refused.status == 403)
            #expect(
                refused.json["message"].string
                    == #"profiles.profefe.io is forbidden: User "alice" cannot list resource "profiles" in API group "profefe.io" in the namespace "other""#
            )
            #expect(refused.headers["x-content-type-options"] == ["nosniff"])
            // Who only say that they are somebody.
            let claims = ["-H", "X-Remote-User: alice", "-H", "X-Remote-Group: system:masters"]
            #expect(try await cluster.ask(shop, claims).status == 403)
            #expect(try await cluster.ask(shop, cluster.proxied("alice", Self.masters, name: "eve")).status == 401)
            #expect(try await cluster.ask(shop, cluster.client("eve") + claims).status == 403)
            #expect(try await cluster.ask(shop, ServerBehindKube.bearer("invented")).status == 401)
            #expect(try await cluster.ask(shop, ["-u", "alice:secret"]).status == 403)
            #expect(try await cluster.ask(shop, []).json["message"].string?.contains("system:anonymous") == true)
        }
    }

    /// Z01 Z07 N04: what kube-apiserver is asked.
    @Test func reviewsHaveEverythingThatIsKnown() async throws {
        try await ServerBehindKube.with { cluster async throws in
            let extra = ["-H", "X-Remote-Extra-Authentication.kubernetes.io%2fcredential-id: JTI=1"]
            let query = "?labelSelector=app%3Dapi&fieldSelector=metadata.name%3Dp1"
            _ = try await cluster.ask(
                ServerBehindKube.path("shop") + query, cluster.proxied("alice", ["a", "b"]) + extra)
            let spec = try #require(cluster.kube.accessReviews.last)
            #expect(spec["user"]?.stringValue == "alice")
            #expect(spec["groups"] == ["a", "b", "system:authenticated"])
            #expect(spec["extra"] == ["authentication.kubernetes.io/credential-id": ["JTI=1"]])
            #expect(
                spec["resourceAttributes"] == [
                    "namespace": "shop", "verb": "list", "group": "profefe.io", "version": "v1", "resource": "profiles",
                    "name": "p1",
                    "fieldSelector": [
                        "requirements": [["key": "metadata.name", "operator": "In", "values": ["p1"]]]
                    ],
                    "labelSelector": ["requirements": [["key": "app", "operator": "In", "values": ["api"]]]],
                ])
            _ = try await cluster.ask("/metrics", cluster.proxied("alice"))
            #expect(
                cluster.kube.accessReviews.last?["nonResourceAttributes"] == ["path": "/metrics", "verb": "get"])
        }
    }

    /// N07 Z06 N12: reviews are remembered, and no token is logged.
    @Test func reviewsAreRemembered() async throws {
        try await ServerBehindKube.with(flags: ["--log-level", "trace"]) { cluster async throws in
            cluster.kube.users = ["token-of-alice": FakeKubeUser("alice")]
            cluster.kube.allow(Self.reader)
            for _ in 0..<5 {
                let answer = try await cluster.ask(
                    ServerBehindKube.path("shop"), ServerBehindKube.bearer("token-of-alice"))
                #expect(answer.status == 200)
            }
            // Five curls take less than the ten seconds that both answers are good for, but not on every machine.
            #expect(cluster.kube.tokenReviews.count <= 2 && cluster.kube.accessReviews.count <= 2)
            #expect(!cluster.server.log.contains("token-of-alice") && !cluster.server.log.contains("the-server"))
        }
    }

    /// Z02 Z03 H02: without kube-apiserver probes, discovery and masters go on, others get 500 and no data, and all by itself it is over.
    @Test func withoutKubeAPIServerNobodyGetsWhatNobodyAllowed() async throws {
        try await ServerBehindKube.with { cluster async throws in
            cluster.kube.allow(Self.reader)
            let shop = ServerBehindKube.path("shop")
            await cluster.kube.goAway()
            let refused = try await cluster.ask(shop, cluster.proxied("alice"))
            #expect(refused.status == 500 && refused.json["reason"].string == "InternalError")
            #expect(refused.json["items"].isNull)
            #expect(try await cluster.ask("/livez", []).status == 200)
            #expect(try await cluster.ask("/readyz", []).status == 200)
            let probe = try await cluster.ask(
                "/apis/profefe.io/v1", cluster.proxied("system:kube-aggregator", Self.masters))
            #expect(probe.status == 200)
            #expect(try await cluster.ask(shop, cluster.proxied("x", Self.masters)).status == 200)
            #expect(try await cluster.ask(shop, ServerBehindKube.bearer("token-of-alice")).status == 401)
            try await cluster.kube.comeBack()
            try await eventually("requests are authorized again") {
                try await cluster.ask(shop, cluster.proxied("alice")).status == 200
            }
        }
    }

    /// A kube-apiserver that doesn't answer: the request ends at its deadline, others don't wait, and afterwards all is well.
    @Test func aHangingReviewHoldsUpNobodyElse() async throws {
        try await ServerBehindKube.with { cluster async throws in
            cluster.kube.allow(Self.reader)
            let shop = ServerBehindKube.path("shop")
            #expect(try await cluster.ask(shop, cluster.proxied("alice")).status == 200)
            cluster.kube.fail(FakeKubeFaultRule(.hang, method: "POST"))
            #expect(try await cluster.ask(shop + "?timeout=1s", cluster.proxied("bob", ["dev"])).status == 504)
            #expect(try await cluster.ask(shop + "?timeout=1s", ServerBehindKube.bearer("new")).status == 504)
            #expect(try await cluster.ask("/livez", []).status == 200)
            #expect(try await cluster.ask(shop, cluster.proxied("x", Self.masters)).status == 200)
            cluster.kube.heal()
            #expect(try await cluster.ask(shop, cluster.proxied("bob", ["dev"])).status == 200)
        }
    }

    /// N11: not ready while nobody can be recognised, with the fix in the log; then ready by itself.
    @Test(arguments: ["missing", "forbidden", "garbage"])
    func isNotReadyWithoutTheConfigMap(_ fault: String) async throws {
        let map = "/api/v1/namespaces/kube-system/configmaps"
        try await ServerBehindKube.with(
            ready: false,
            prepare: { kube, certificates in
                switch fault {
                case "missing": break
                case "forbidden":
                    try kube.putAuthenticationConfigMap(ServerBehindKube.trust(certificates))
                    kube.fail(FakeKubeFaultRule(.status(403, .forbidden), path: map))
                default:
                    var data = ServerBehindKube.trust(certificates)
                    data["client-ca-file"] = "garbage"
                    try kube.putAuthenticationConfigMap(data)
                }
            }
        ) { cluster async throws in
            let told = [
                "missing": "does not exist", "forbidden": "--role=extension-apiserver-authentication-reader",
                "garbage": "client-ca-file",
            ]
            try await eventually("the log tells what is wrong") { cluster.server.log.contains(told[fault] ?? "") }
            let ready = try await cluster.ask("/readyz", [])
            #expect(ready.status == 500 && ready.text.contains("[-]requestheader-config failed"))
            #expect(try await cluster.ask("/livez", []).status == 200)
            // Its word counts for nothing yet, and its certificate for nobody's.
            let masters = try await cluster.ask(ServerBehindKube.path("shop"), cluster.proxied("x", Self.masters))
            #expect(masters.status == 403 || masters.status == 401)
            cluster.kube.heal()
            try cluster.kube.putAuthenticationConfigMap(ServerBehindKube.trust(cluster.certificates))
            try await eventually("ready", within: .seconds(60)) { try await cluster.ask("/readyz", []).status == 200 }
            #expect(
                try await cluster.ask(ServerBehindKube.path("shop"), cluster.proxied("x", Self.masters)).status == 200)
        }
    }

    /// N01: the front proxy's CA changes while the server runs, and garbage in between changes nothing.
    @Test func theFrontProxysCARotatesWithoutARestart() async throws {
        try await ServerBehindKube.with { cluster async throws in
            let shop = ServerBehindKube.path("shop")
            let next = try TestCertificates()
            // A CA of the same name.
            let successor = try next.mint(.init(commonName: "front-proxy-client"), name: "next")
            let headers = ["-H", "X-Remote-User: x", "-H", "X-Remote-Group: system:masters"]
            func old() async throws -> Int { try await cluster.ask(shop, cluster.proxied("x", Self.masters)).status }
            func new() async throws -> Int {
                try await cluster.ask(shop, ServerBehindKube.certificate(successor) + headers).status
            }
            #expect(try await old() == 200)
            #expect(try await new() == 401)
            let both = cluster.certificates.authority.certificatePEM + next.authority.certificatePEM
            try cluster.kube.putAuthenticationConfigMap(ServerBehindKube.trust(cluster.certificates, proxies: both))
            try await eventually("the new CA is trusted") { try await new() == 200 }
            #expect(try await old() == 200)
            try cluster.kube.putAuthenticationConfigMap(["requestheader-client-ca-file": "garbage"])
            try await eventually("garbage is told") { cluster.server.log.contains("is not usable") }
            #expect(try await old() == 200)
            #expect(try await new() == 200)
            try cluster.kube.putAuthenticationConfigMap(
                ServerBehindKube.trust(cluster.certificates, proxies: next.authority.certificatePEM))
            try await eventually("the old CA is no longer trusted") { try await old() == 401 }
            #expect(try await new() == 200)
        }
    }

    /// N01: so does the CA of clients, and who is out of it is nobody any more, on old connections and new ones.
    @Test func theClientsCARotatesWithoutARestart() async throws {
        try await ServerBehindKube.with { cluster async throws in
            cluster.kube.allow(Self.reader)
            let shop = ServerBehindKube.path("shop")
            let next = try TestCertificates()
            let pair = try next.mint(.init(commonName: "alice"), name: "next-alice", byOther: true)
            func old() async throws -> Int { try await cluster.ask(shop, cluster.client("alice")).status }
            func new() async throws -> Int { try await cluster.ask(shop, ServerBehindKube.certificate(pair)).status }
            #expect(try await old() == 200)
            #expect(try await new() == 401)
            let both = cluster.certificates.otherAuthority.certificatePEM + next.otherAuthority.certificatePEM
            try cluster.kube.putAuthenticationConfigMap(ServerBehindKube.trust(cluster.certificates, clients: both))
            try await eventually("the new CA is trusted") { try await new() == 200 }
            #expect(try await old() == 200)
            try cluster.kube.putAuthenticationConfigMap(
                ServerBehindKube.trust(cluster.certificates, clients: next.otherAuthority.certificatePEM))
            try await eventually("the old CA is no longer trusted") { try await old() == 401 }
            #expect(try await new() == 200)
        }
    }

    /// Issue 6: the annotation of a namespace says how long its profiles are kept, those that are there included.
    @Test func aNamespaceSaysHowLongItsProfilesAreKept() async throws {
        try await ServerBehindKube.with { cluster async throws in
            let who = try cluster.proxied("x", Self.masters)
            let created = try await cluster.upload("shop", who)
            let name = try #require(created.json["metadata"]["name"].string)
            func end() async throws -> String? {
                try await cluster.ask(ServerBehindKube.path("shop", name), who).json["status"]["expiresAt"].string
            }
            // The namespaces are known a moment after the start: until then nothing is said.
            try await eventually("the profile has an end", within: .seconds(60)) { try await end() != nil }
            try cluster.kube.put(
                [
                    "metadata": ["annotations": ["profefe.io/retention": "0"]], "status": ["phase": "Active"],
                ], at: "/api/v1/namespaces/shop")
            try await eventually("the profile has none", within: .seconds(60)) { try await end() == nil }
            #expect(try await cluster.upload("shop", who).json["status"]["expiresAt"].string == nil)
        }
    }

    /// A01: neither creates nor uploads in a namespace that isn't there or is going; nothing else is hindered.
    @Test func nothingComesIntoBeingInNamespacesThatAreGone() async throws {
        try await ServerBehindKube.with { cluster async throws in
            let who = try cluster.proxied("x", Self.masters)
            let created = try await cluster.upload("shop", who)
            #expect(created.status == 201)
            let missing = try await cluster.upload("nowhere", who)
            #expect(missing.status == 404 && missing.json["message"].string == #"namespaces "nowhere" not found"#)
            try cluster.kube.putNamespace("shop", isTerminating: true)
            try await eventually("the namespace is known to be going") {
                try await cluster.upload("shop", who).status == 403
            }
            let refused = try await cluster.upload("shop", who)
            #expect(refused.json["details"]["causes"][0]["reason"].string == "NamespaceTerminating")
            #expect(refused.json["details"]["causes"][0]["field"].string == "metadata.namespace")
            let body =
                #"{"apiVersion":"profefe.io/v1","kind":"ProfileCapture","metadata":{"name":"c"},"spec":{"target":{"podName":"web-1"},"types":["heap"]}}"#
            let capture = try await cluster.ask(
                "/apis/profefe.io/v1/namespaces/shop/profilecaptures",
                who + ["-H", "Content-Type: application/json", "-d", body])
            #expect(capture.status == 403, "\(capture.text)")
            #expect(
                capture.json["message"].string
                    == #"profilecaptures.profefe.io "c" is forbidden: unable to create new content in namespace shop because it is being terminated"#
            )
            // The namespace controller's work: delete, then look whether anything is left.
            #expect(try await cluster.ask(ServerBehindKube.path("shop"), who + ["-X", "DELETE"]).status == 200)
            #expect(try await cluster.ask(ServerBehindKube.path("shop"), who).json["items"].array.isEmpty)
        }
    }

    /// A03: the quota of the namespace.
    @Test func quotasAreKept() async throws {
        try await ServerBehindKube.with(prepare: { kube, certificates in
            try kube.putAuthenticationConfigMap(ServerBehindKube.trust(certificates))
            try kube.put(
                ["spec": ["hard": ["count/profiles.profefe.io": "2"]]],
                at: "/api/v1/namespaces/shop/resourcequotas/q1")
        }) { cluster async throws in
            let who = try cluster.proxied("x", Self.masters)
            #expect(try await cluster.upload("shop", who).status == 201)
            #expect(try await cluster.upload("shop", who).status == 201)
            let refused = try await cluster.upload("shop", who)
            #expect(refused.status == 403)
            #expect(
                refused.json["message"].string
                    == #"profiles.profefe.io "Unknown" is forbidden: exceeded quota: q1, requested: count/profiles.profefe.io=1, used: count/profiles.profefe.io=2, limited: count/profiles.profefe.io=2"#
            )
            #expect(try await cluster.upload("default", who).status == 201)
            #expect(try await cluster.ask(ServerBehindKube.path("shop"), who + ["-X", "DELETE"]).status == 200)
            #expect(try await cluster.upload("shop", who).status == 201)
        }
    }
}
