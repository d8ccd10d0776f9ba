import Pprof
import TestSupport
import Testing

/// Requests as clients of a collector write them, byte for byte, over a plain connection.
@Suite(.timeLimit(.minutes(5)), .server(flags: RunningServer.collectorFlags), .serverLog)
struct CollectorClientsTests {
    private let heap = ServerHome.profile("heap")

    private func ids(_ target: String) async throws -> [String] {
        let url = try await RunningServer.shared.collectorURL()
        return try await askCollector(url, target: target).json["body"].array.compactMap { $0["id"].string }
    }

    /// profefe `agent/agent.go`: `url.Values.Encode`, so labels are escaped twice; no Content-Type, Go's User-Agent.
    @Test func theGoAgentsRequest() async throws {
        let url = try await RunningServer.shared.collectorURL()
        let target = "/api/0/profiles?labels=region%3Deurope-west3%2Cversion%3D1.0%252B7&service=agent&type=heap"
        let answer = try await askCollector(
            url, "POST", target: target, body: ProfileFixture.heap.bytes, "-H", "User-Agent: Go-http-client/1.1", "-H",
            "Content-Type:", "-H", "Accept-Encoding: gzip")
        #expect(answer.status == 200)
        #expect(answer.json["body"]["labels"].array.map { $0["value"].string } == ["europe-west3", "1.0+7"])
    }

    /// The agent without labels.
    @Test func theGoAgentsRequestWithoutLabels() async throws {
        let url = try await RunningServer.shared.collectorURL()
        let target = "/api/0/profiles?labels=&service=agent-2&type=heap"
        let answer = try await askCollector(url, "POST", target: target, body: ProfileFixture.heap.bytes)
        #expect(answer.status == 200)
        #expect(answer.json["body"]["labels"].isNull)
        #expect(answer.contentType == "application/json")
    }

    /// kube-profefe `pkg/profefe/client.go`: a comma before the first label, `instance_id`, a header misnamed `Useragent`.
    @Test func kubeProfefesRequest() async throws {
        let server = try RunningServer.shared
        let url = try await server.collectorURL()
        let labels = "%2Cnamespace%3Dshop%2Cfrom%3Dkube-profefe%2Cpod%3Dweb-1"
        let target = "/api/0/profiles?instance_id=10.0.0.7&labels=\(labels)&service=web&type=heap"
        let answer = try await askCollector(
            url, "POST", target: target, body: ProfileFixture.heap.bytes, "-H", "Useragent: kubectl-profefe")
        #expect(answer.status == 200)
        let id = try #require(answer.json["body"]["id"].string)
        let object = try await server.curl(RunningServer.path("shop", id)).json
        #expect(object["spec"]["podRef"]["name"].string == "web-1")
        #expect(object["spec"]["instance"].string == "10.0.0.7")
        #expect(object["spec"]["source"]["kind"].string == "Agent")
        // Its search: all parameters, `type=unknown` for all types, and a GET with an empty body.
        let range = "from=2000-01-01T00%3A00%3A00&to=2100-01-01T00%3A00%3A00"
        #expect(try await ids("/api/0/profiles?\(range)&service=web&type=unknown") == [id])
    }

    @Test func theLogSaysThatEverybodyMayDoEverything() async throws {
        let server = try RunningServer.shared
        _ = try await server.collectorURL()
        try await eventually("the log warns of it") { server.log.contains("--collector-api-anonymous") }
    }

    @Test func aBodyMayComeInChunks() async throws {
        let url = try await RunningServer.shared.collectorURL()
        let target = "/api/0/profiles?service=chunked&type=heap"
        let answer = try await askCollector(
            url, "POST", target: target, body: ProfileFixture.heap.bytes, "-H", "Transfer-Encoding: chunked")
        #expect(answer.status == 200)
    }

    @Test func whatIsTooLargeIs413() async throws {
        let url = try await RunningServer.shared.collectorURL()
        let large = [UInt8](repeating: 0, count: (64 << 20) + 1)
        let answer = try await askCollector(
            url, "POST", target: "/api/0/profiles?service=large&type=trace", body: large, "-H", "Expect:")
        #expect(answer.status == 413)
        #expect(answer.json["code"].integer == 413)
    }

    /// Some 270 KB that inflate to more than the 256 MiB that a profile may have: in one member, whose end tells its size or lies, and in
    /// many.
    @Test(arguments: ["one", "lying", "many"])
    func aBombIs413(_ kind: String) async throws {
        let url = try await RunningServer.shared.collectorURL()
        var bomb: [UInt8] = []
        if kind == "many" {
            let member = try Gzip.compress([UInt8](repeating: 0, count: 16 << 20))
            for _ in 0..<17 { bomb += member }
        } else {
            bomb = try Gzip.compress([UInt8](repeating: 0, count: 257 << 20))
            // ISIZE (RFC 1952 §2.3.1)
            if kind == "lying" { bomb.replaceSubrange(bomb.count - 4..<bomb.count, with: [100, 0, 0, 0]) }
        }
        #expect(bomb.count < 1 << 20)
        for target in ["service=bomb&type=heap", "service=bomb&type=other&labels=profile%3Dallocs"] {
            let answer = try await askCollector(url, "POST", target: "/api/0/profiles?\(target)", body: bomb)
            #expect(answer.status == 413, "\(answer.text)")
            #expect(answer.json["code"].integer == 413)
            #expect(answer.json["error"].string?.contains("268435456") == true, "\(answer.text)")
            #expect(answer.contentType == "application/json")
        }
        #expect(try await ids("/api/0/profiles?service=bomb&from=2000-01-01T00:00:00&to=2100-01-01T00:00:00").isEmpty)
        #expect(try await askCollector(url, target: "/api/0/version").status == 200)
    }

    @Test func aHeadIsAGetWithoutItsBody() async throws {
        let url = try await RunningServer.shared.collectorURL()
        let answer = try await askCollector(url, "HEAD", target: "/api/0/version")
        #expect(answer.status == 200)
        #expect(answer.headers["content-length"] != nil)
    }

    @Test func itIsCountedAndAuditedAsWhatItMeans() async throws {
        let server = try RunningServer.shared
        let url = try await server.collectorURL()
        let target = "/api/0/profiles?service=counted&type=heap"
        #expect(try await askCollector(url, "POST", target: target, body: ProfileFixture.heap.bytes).status == 200)
        let metrics = try await server.curl("/metrics").text
        #expect(
            metrics.split(separator: "\n").contains { line in
                line.hasPrefix("apiserver_request_total") && line.contains("profileservices")
                    && line.contains("code=\"200\"")
            })
    }
}

/// Without --collector-api-anonymous.
@Suite(.timeLimit(.minutes(5)), .server(flags: ["--collector-api-address", "127.0.0.1:0"]), .serverLog)
struct CollectorTokenTests {
    private func post(_ client: ServerHome.Client?, namespace: String) async throws -> Answer {
        let url = try await RunningServer.shared.collectorURL()
        let token = client.map { ["-H", "Authorization: Bearer \($0.rawValue)"] } ?? []
        let target = "/api/0/profiles?service=a&type=heap&labels=namespace%3D\(namespace)"
        return try await askCollector(
            url, "POST", target: target, body: ProfileFixture.heap.bytes, token.first ?? "-s", token.last ?? "-s")
    }

    @Test func rightsAreThoseOfTheTokensOwner() async throws {
        #expect(try await post(.uploader, namespace: "shop").status == 200)
        #expect(try await post(.uploader, namespace: "bank").status == 403)
        #expect(try await post(.nobody, namespace: "shop").status == 403)
        let anonymous = try await post(nil, namespace: "shop")
        #expect([401, 403].contains(anonymous.status))
        #expect(anonymous.json["code"].integer == anonymous.status)
    }

    @Test func theLogSaysThatTokensComeInTheClear() async throws {
        let server = try RunningServer.shared
        _ = try await server.collectorURL()
        try await eventually("the log warns of it") { server.log.contains("bearer tokens come in the clear") }
        #expect(!server.log.contains("--collector-api-anonymous"))
    }

    @Test func aTokenThatNobodyHasIs401() async throws {
        let url = try await RunningServer.shared.collectorURL()
        let answer = try await askCollector(
            url, "GET", target: "/api/0/services", "-H", "Authorization: Bearer nonsense")
        #expect(answer.status == 401)
        #expect(answer.json["code"].integer == 401)
    }
}
