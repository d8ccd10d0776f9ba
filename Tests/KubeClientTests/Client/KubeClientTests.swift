import APIMachinery
import Digests
import HTTPTransport
import TestSupport
import Testing

@testable import KubeClient

/// Requests of one object. Those that break nothing would run against a real kube-apiserver as well: every test that uses neither
/// `fail`, `callers`, `goAway` nor `requests`.
struct KubeClientTests {
    private static let secrets = "/api/v1/namespaces/default/secrets"
    private static let tls = "\(secrets)/tls"

    private func secret(_ value: String) -> JSONValue {
        ["kind": "Secret", "apiVersion": "v1", "metadata": ["name": "tls"], "data": ["key": .string(value)]]
    }

    // MARK: verbs

    @Test func anObjectIsCreatedReadReplacedPatchedAndDeleted() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            let created = try await client.create(secret("YQ=="), at: Self.secrets)
            #expect(created["metadata"]?["uid"]?.stringValue?.isEmpty == false)
            #expect(try await client.get(Self.tls) == created)
            var changed = created.objectValue ?? [:]
            changed["data"] = ["key": "Yg=="]
            let replaced = try await client.replace(.object(changed), at: Self.tls)
            #expect(replaced["data"]?["key"] == "Yg==")
            let patched = try await client.mergePatch(["data": ["key": nil, "other": "Yw=="]], at: Self.tls)
            #expect(patched["data"] == ["other": "Yw=="])
            #expect(patched["metadata"]?["uid"] == created["metadata"]?["uid"])
            let status = try await client.delete(Self.tls)
            #expect(status["status"] == "Success")
            let error = await failure { () throws(KubeClientError) in _ = try await client.get(Self.tls) }
            #expect(error?.status == 404)
            #expect(error?.reason == .notFound)
        }
    }

    @Test func aNameThatIsTakenIsToldFromALostRace() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            let old = try await client.create(secret("YQ=="), at: Self.secrets)
            let taken = await failure { () throws(KubeClientError) in
                _ = try await client.create(self.secret("YQ=="), at: Self.secrets)
            }
            #expect(taken?.code == .refused && taken?.status == 409 && taken?.reason == .alreadyExists)
            #expect(taken?.message == "POST \(Self.secrets): 409 Conflict: secrets \"tls\" already exists")
            _ = try await client.mergePatch(["data": ["key": "Yg=="]], at: Self.tls)
            let lost = await failure { () throws(KubeClientError) in _ = try await client.replace(old, at: Self.tls) }
            #expect(lost?.code == .refused && lost?.status == 409 && lost?.reason == .conflict)
        }
    }

    @Test func aMergePatchMayHaveAPrecondition() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            let path = "/apis/apiregistration.k8s.io/v1/apiservices/v1.profefe.io"
            let version = try api.put(["spec": ["caBundle": "YQ=="]], at: path)["metadata"]?["resourceVersion"]
            let known = version?.stringValue
            let patch: JSONObject = ["metadata": ["labels": ["a": "b"]], "spec": ["caBundle": "Yg=="]]
            let patched = try await client.mergePatch(patch, at: path, resourceVersion: known)
            #expect(patched["spec"]?["caBundle"] == "Yg==")
            #expect(patched["metadata"]?["labels"] == ["a": "b"])
            let lost = await failure { () throws(KubeClientError) in
                _ = try await client.mergePatch(patch, at: path, resourceVersion: known)
            }
            #expect(lost?.reason == .conflict)
        }
    }

    @Test func aDeletionMayHavePreconditions() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            let made = try await client.create(secret("YQ=="), at: Self.secrets)
            let uid = made["metadata"]?["uid"]?.stringValue
            for (uid, version) in [("other", nil), (uid, "1")] as [(String?, String?)] {
                let error = await failure { () throws(KubeClientError) in
                    try await client.delete(Self.tls, uid: uid, resourceVersion: version)
                }
                #expect(error?.reason == .conflict)
            }
            try await client.delete(
                Self.tls, uid: uid, resourceVersion: made["metadata"]?["resourceVersion"]?.stringValue)
            #expect(api.object(at: Self.tls) == nil)
        }
    }

    /// As a quota's `status.used` is raised (conformance.md 12.2).
    @Test func aStatusIsReplacedByItself() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            let path = "/api/v1/namespaces/default/resourcequotas/q"
            var quota = try api.put(["spec": ["hard": ["pods": "4"]]], at: path).objectValue ?? [:]
            quota["status"] = ["used": ["pods": "1"]]
            quota["spec"] = ["hard": ["pods": "9"]]
            let stored = try await client.replace(.object(quota), at: "\(path)/status")
            #expect(stored["status"] == ["used": ["pods": "1"]] && stored["spec"] == ["hard": ["pods": "4"]])
            let lost = await failure { [quota] () throws(KubeClientError) in
                _ = try await client.replace(.object(quota), at: "\(path)/status")
            }
            #expect(lost?.reason == .conflict)
        }
    }

    @Test func anEventIsCreated() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            let event: JSONValue = [
                "kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": ["generateName": "rotated."],
                "eventTime": "2026-01-01T00:00:00.000000Z", "reason": "Rotated", "action": "Rotate", "type": "Normal",
                "reportingController": "profefe.io/apiserver", "reportingInstance": "a",
                "regarding": ["kind": "APIService", "name": "v1.profefe.io"],
            ]
            let made = try await client.create(event, at: "/apis/events.k8s.io/v1/namespaces/default/events")
            #expect(made["metadata"]?["name"]?.stringValue?.hasPrefix("rotated.") == true)
        }
    }

    // MARK: what is sent

    @Test func everyRequestSaysWhoAsks() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api, token: "abc") {
                $0.impersonation = Impersonation(
                    user: "bob", uid: "u", groups: ["a", "b"], extra: ["scopes/x": ["1", "2"]])
            }
            _ = try await client.get("/version")
            let request = try #require(api.requests.first)
            #expect(request["user-agent"] == "profefe-apiserver/test (linux/amd64)")
            #expect(request["accept"] == "application/json")
            #expect(request["authorization"] == "Bearer abc")
            #expect(request["impersonate-user"] == "bob")
            #expect(request["impersonate-uid"] == "u")
            #expect(request.headers["impersonate-group"] == ["a", "b"])
            #expect(request.headers["impersonate-extra-scopes%2fx"] == ["1", "2"])
        }
    }

    @Test func aNameAndAPasswordAreSent() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api) { $0.credential = .basic(user: "jane", password: "p:w") }
            _ = try await client.get("/version")
            #expect(api.requests.first?["authorization"] == "Basic \(Base64.encode(Array("jane:p:w".utf8)))")
        }
    }

    @Test func pathsAndParametersAreEncoded() {
        let request = KubeRequest(
            path: "/api/v1/namespaces/a b/c%d", query: [("labelSelector", "a in (b,c)"), ("x&y", "=")],
            purpose: .lookup)
        #expect(request.target == "/api/v1/namespaces/a%20b/c%25d?labelSelector=a%20in%20%28b%2Cc%29&x%26y=%3D")
    }

    @Test func theServersBasePathStandsBeforeThePath() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api) { $0.server.basePath = "/k8s/clusters/c1" }
            _ = await failure { () throws(KubeClientError) in _ = try await client.get("/version") }
            #expect(api.requests.first?.path == "/k8s/clusters/c1/version")
        }
    }

    // MARK: faults

    @Test(arguments: [FakeKubeFault.reset, .resetMidAnswer, .status(503, retryAfter: 0), .status(429, retryAfter: 0)])
    func aReadIsTriedAgain(_ fault: FakeKubeFault) async throws {
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock))
            api.fail(FakeKubeFaultRule(fault, times: 2))
            async let answer = client.get("/version")
            await clock.waitForSleepers(1)
            #expect(clock.pauses == [.milliseconds(500)])
            clock.advance(by: .milliseconds(500))
            await clock.waitForSleepers(1)
            #expect(clock.pauses == [.milliseconds(750)])
            clock.advance(by: .milliseconds(750))
            #expect(try await answer["major"] == "1")
        }
    }

    @Test func aReadIsTriedFiveTimesAtMost() async throws {
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock))
            api.fail(FakeKubeFaultRule(.status(429, .tooManyRequests, message: "slow down", retryAfter: 1)))
            async let answer = failure { () throws(KubeClientError) in _ = try await client.get("/version") }
            for _ in 0..<4 {
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(5))
            }
            let error = await answer
            #expect(error?.status == 429 && error?.retryAfter == .seconds(1))
            #expect(error?.message == "GET /version: 429 Too Many Requests: slow down")
            #expect(api.count() == 5)
        }
    }

    @Test func theServersWaitIsHeeded() async throws {
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock))
            api.fail(FakeKubeFaultRule(.status(503, retryAfter: 7), method: "POST", times: 1))
            async let made = client.create(secret("YQ=="), at: Self.secrets)
            await clock.waitForSleepers(1)
            #expect(clock.pauses == [.seconds(7)])
            clock.advance(by: .seconds(7))
            #expect(try await made["kind"] == "Secret")
        }
    }

    @Test func aWaitBeyondTheDeadlineIsNotBegun() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api, clock: SteadyClock(ManualClock()))
            api.fail(FakeKubeFaultRule(.status(503, retryAfter: 31)))
            let error = await failure { () throws(KubeClientError) in _ = try await client.get("/version") }
            #expect(error?.status == 503)
            #expect(api.count() == 1)
        }
    }

    @Test(arguments: [FakeKubeFault.reset, .resetMidAnswer, .status(500), .status(504), .garbage])
    func aWriteThatMayHaveBeenDoneIsNotRepeated(_ fault: FakeKubeFault) async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api, clock: SteadyClock(ManualClock()))
            api.fail(FakeKubeFaultRule(fault))
            let error = await failure { () throws(KubeClientError) in
                _ = try await client.create(self.secret("YQ=="), at: Self.secrets)
            }
            #expect(error != nil)
            #expect(api.count() == 1)
        }
    }

    @Test func aServerThatIsGoneAndComesBackIsFoundAgain() async throws {
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let client = try KubeClient.make(api, clock: SteadyClock(clock))
            _ = try await client.get("/version")
            await api.goAway()
            // Even a write: nobody was there to carry it out.
            async let made = client.create(secret("YQ=="), at: Self.secrets)
            await clock.waitForSleepers(1)
            try await api.comeBack()
            clock.advance(by: .milliseconds(500))
            #expect(try await made["kind"] == "Secret")
        }
    }

    @Test func aServerThatIsGoneIsUnreachable() async throws {
        let port = try await ScriptedTarget.closedPort()
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api) { $0.server.port = port }
            let error = await failure { () throws(KubeClientError) in
                _ = try await client.send(KubeRequest(path: "/version", purpose: .lookup, retries: .never))
            }
            #expect(error == KubeClientError(.unreachable, ""))
            #expect(error?.message.contains("GET /version at http://127.0.0.1:\(port): nobody listens") == true)
        }
    }

    @Test func aHangEndsAtTheDeadline() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            api.fail(FakeKubeFaultRule(.hang))
            let error = await failure { () throws(KubeClientError) in
                _ = try await client.get("/version", deadline: .milliseconds(50))
            }
            #expect(error == KubeClientError(.timedOut, ""))
        }
    }

    @Test func aCancelledCallerIsToldSo() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            api.fail(FakeKubeFaultRule(.hang))
            let task = Task {
                await failure { () throws(KubeClientError) in _ = try await client.get("/version") }
            }
            await api.wait { $0.count() == 1 }
            task.cancel()
            #expect(await task.value == KubeClientError(.cancelled, ""))
            #expect(api.count() == 1)
        }
    }

    @Test(arguments: [
        (FakeKubeFault.garbage, KubeClientError.Code.badAnswer, nil as Int?, "the answer is no JSON: line 1"),
        (.bytes(200, ""), .badAnswer, nil, "the answer is no JSON"),
        (.bytes(502, "<html>\r\nbad gateway\u{1}"), .refused, 502, "502 Bad Gateway: <html>  bad gateway "),
        (.bytes(403, #"{"kind":"Status","message":"no","reason":"Forbidden"}"#), .refused, 403, "403 Forbidden: no"),
        (.bytes(403, #"{"kind":"Status","message":7,"reason":[]}"#), .refused, 403, "403 Forbidden"),
        (.status(410, .expired, message: "too old"), .expired, 410, "410 Gone: too old"),
        (.bytes(301, "elsewhere"), .refused, 301, "301 Moved Permanently: elsewhere"),
    ]) func answersThatAreNoneHaveTheirErrors(
        _ fault: FakeKubeFault, _ code: KubeClientError.Code, _ status: Int?, _ message: String
    ) async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            api.fail(FakeKubeFaultRule(fault))
            let error = await failure { () throws(KubeClientError) in
                _ = try await client.send(KubeRequest(path: "/version", purpose: .lookup, retries: .never))
            }
            #expect(error?.code == code && error?.status == status)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }

    @Test func anAnswerOverTheLimitIsRefused() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(api)
            api.fail(FakeKubeFaultRule(.bytes(200, String(repeating: " ", count: 100))))
            let error = await failure { () throws(KubeClientError) in
                _ = try await client.send(KubeRequest(path: "/version", purpose: .lookup, answerLimit: 99))
            }
            #expect(error == KubeClientError(.badAnswer, ""))
            #expect(api.count() == 1)
        }
    }

    @Test func onePurposeDoesNotStarveAnother() async throws {
        try await FakeKubeAPI.with { api in
            let client = try KubeClient.make(
                api, clock: SteadyClock(ManualClock()),
                limits: [.write: RateLimit(perSecond: 0.001, burst: 0)])
            let error = await failure { () throws(KubeClientError) in
                _ = try await client.create(self.secret("YQ=="), at: Self.secrets)
            }
            #expect(error == KubeClientError(.timedOut, ""))
            #expect(try await client.get("/version")["major"] == "1")
            #expect(api.count() == 1)
        }
    }
}
