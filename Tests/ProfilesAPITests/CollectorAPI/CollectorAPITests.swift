import APIMachinery
import APIServer
import Digests
import NIOHTTP1
import Pprof
import ProfefeCollector
import TestSupport
import Testing

@testable import ProfilesAPI

/// profefe's API, call by call; what is asserted here is what profefe answers, but where a name says otherwise.
struct CollectorAPITests {
    private func send(_ api: TestAPI, _ target: String, _ fixture: ProfileFixture = .heap) async throws
        -> CollectorProfile
    {
        let answer = try await api.collector(.POST, target, body: fixture.bytes)
        #expect(answer.status == 200, "\(answer.text)")
        return try CollectorEnvelope(answer.body).profile()
    }

    private func found(_ api: TestAPI, _ target: String) async throws -> [CollectorProfile] {
        let answer = try await api.collector(.GET, target)
        return answer.status == 404 ? [] : try CollectorEnvelope(answer.body).profiles()
    }

    private func sendTrace(_ api: TestAPI, at time: String, _ more: String = "") async throws {
        let answer = try await api.collector(.POST, CollectorSamples.trace(at: time, more), body: [1])
        #expect(answer.status == 200, "\(answer.text)")
    }

    // MARK: sending

    @Test(arguments: ProfileFixture.allCases)
    func aProfileSentIsToldAndKeptAsItIs(_ fixture: ProfileFixture) async throws {
        let type = fixture == .allocs ? "other" : fixture.rawValue
        try await TestAPI.with { api in
            let sent = try await send(api, CollectorSamples.send("&type=\(type)&labels=version%3D1.0"), fixture)
            #expect(CollectorID(sent.id)?.xid == sent.id)
            #expect(sent.typeName == type)
            #expect(sent.service == "frontend")
            #expect(sent.labels == CollectorLabels([.init("version", "1.0")]))
            #expect(try await found(api, CollectorSamples.search()) == [sent])
            let file = try await api.collector(.GET, "/api/0/profiles/\(sent.id)")
            let bytes = try fixture.bytes
            #expect(file.body == bytes)
            #expect(file.header("content-type") == "application/octet-stream")
            #expect(file.header("content-disposition") == "attachment; filename=\"\(sent.id)\"")
        }
    }

    @Test func aProfileNeedNotBeGzipped() async throws {
        let plain = try Gzip.inflate(try ProfileFixture.heap.bytes, limit: 1 << 24)
        try await TestAPI.with { api in
            let answer = try await api.collector(.POST, CollectorSamples.send(), body: plain)
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: [
        ("/api/0/profiles?type=heap", "bad request: missing \"service\""),
        ("/api/0/profiles?service=&type=heap", "bad request: missing \"service\""),
        ("/api/0/profiles?service=a", "bad request: unknown profile type"),
        ("/api/0/profiles?service=a&type=unknown", "bad request: unknown profile type"),
        ("/api/0/profiles?service=a&type=allocs", "bad request: unknown profile type"),
        ("/api/0/profiles?service=a&type=CPU", "bad request: unknown profile type"),
        (
            "/api/0/profiles?service=a&type=heap&created_at=2026-11-22T08:00:05Z",
            "bad request: bad \"created_at\" \"2026-11-22T08:00:05Z\": time in unsupported format \"2026-11-22T08:00:05Z\""
        ),
        (
            "/api/0/profiles?service=a&type=heap&labels=a%3D%25zz",
            "bad request: bad \"labels\" \"a=%zz\": invalid URL escape \"%zz\""
        ),
    ])
    func parametersThatCannotBeTakenAreRefusedInProfefesWords(target: String, message: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(.POST, target, body: try ProfileFixture.heap.bytes)
            #expect(answer.status == 400)
            #expect(answer.json == ["code": 400, "error": .string(message)])
        }
    }

    @Test(arguments: ["", "nonsense", "heap profile: 1: 2 [3: 4] @ heap/5", "\u{1f}\u{8b}"])
    func aMalformedProfileIs400(text: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(.POST, CollectorSamples.send(), body: Array(text.utf8))
            #expect(answer.status == 400)
            let error = answer.json["error"]?.stringValue ?? ""
            #expect(error.hasPrefix("malformed profile (could not parse pprof profile: "))
        }
    }

    @Test func aProfileWithoutSamplesIs400() async throws {
        var builder = ProfileBuilder()
        builder.addSampleType("samples", unit: "count")
        let bytes = try Gzip.compress(builder.encoded())
        try await TestAPI.with { api in
            let answer = try await api.collector(.POST, CollectorSamples.send("&type=cpu"), body: bytes)
            #expect(answer.status == 400)
            #expect(
                answer.json["error"]
                    == "malformed profile (could not parse pprof profile: profile is empty: no samples)")
        }
    }

    @Test func theTypeSaysWhatAProfileIsAndATraceIsNotLookedAt() async throws {
        try await TestAPI.with { api in
            #expect(try await send(api, CollectorSamples.send("&type=block")).typeName == "block")
            let trace = try await api.collector(.POST, CollectorSamples.send("&type=trace"), body: [1, 2, 3])
            #expect(trace.status == 200)
            let id = try CollectorEnvelope(trace.body).profile().id
            #expect(try await api.collector(.GET, "/api/0/profiles/\(id)").body == [1, 2, 3])
        }
    }

    @Test func theProfilesOwnTimeGoesBeforeCreatedAt() async throws {
        try await TestAPI.with { api in
            let own = try await send(api, CollectorSamples.send("&type=heap&created_at=2001-02-03T04:05:06"))
            #expect(own.createdAt.rfc3339().hasPrefix("2001") == false)
            let trace = try await api.collector(
                .POST, CollectorSamples.trace(at: "2026-11-22T08:00:05.75"), body: [1])
            #expect(try CollectorEnvelope(trace.body).profile().createdAt.rfc3339() == "2026-11-22T08:00:05Z")
            let now = try await api.collector(.POST, CollectorSamples.send("&type=trace"), body: [1])
            #expect(try CollectorEnvelope(now.body).profile().createdAt == TestAPI.start)
        }
    }

    @Test(arguments: [
        ("labels=b%3D2,a%3D1", ["a=1", "b=2"]),
        ("labels=,a%3D1,,b%3D2,", ["a=1", "b=2"]),
        ("labels=a%3D1%252B1", ["a=1+1"]),
        ("labels=a%3D1%2B1", ["a=1 1"]),
        ("labels=k%3D2,k%3D1", ["k=2", "k=1"]),
        ("labels=%zz", []),
        ("labels=a%3D1&labels=b%3D2", ["a=1"]),
        ("", []),
    ])
    func labelsAreReadAsProfefeReadsThem(query: String, labels: [String]) async throws {
        try await TestAPI.with { api in
            let sent = try await send(api, CollectorSamples.send("&type=heap&\(query)"))
            #expect(sent.labels.labels.map { "\($0.key)=\($0.value)" } == labels)
        }
    }

    // MARK: whose namespace

    @Test(arguments: [
        ("namespace%3Dbank", "bank"), ("pod%3Da", "default"), ("namespace%3DNot_A_Name", "default"),
        ("namespace%3Da,namespace%3Db", "default"), ("namespace%3D", "default"),
    ])
    func theLabelSaysTheNamespace(labels: String, namespace: String) async throws {
        try await TestAPI.with { api in
            let sent = try await send(api, CollectorSamples.send("&type=heap&labels=\(labels)"))
            let object = try await api.send(.GET, "/apis/profefe.io/v1/namespaces/\(namespace)/profiles/\(sent.id)")
            #expect(object.status == 200)
            #expect(object.json.at("spec/source/kind")?.stringValue == "Agent")
            #expect(object.json.at("metadata/labels")?["namespace"] == nil)
            // Found by what was sent, wherever it went.
            #expect(try await found(api, CollectorSamples.search("&labels=\(labels)")) == [sent])
        }
    }

    @Test func aServiceAccountsTokenPinsTheNamespace() async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(
                .POST, CollectorSamples.send("&type=heap&labels=namespace%3Dbank"),
                user: "system:serviceaccount:shop:agent", body: try ProfileFixture.heap.bytes)
            let sent = try CollectorEnvelope(answer.body).profile()
            #expect(sent.labels == CollectorLabels([.init("namespace", "shop")]))
            #expect(try await api.send(.GET, "\(TestAPI.profiles)/\(sent.id)").status == 200)
        }
    }

    @Test func theServersOwnLabelsAreNotTaken() async throws {
        try await TestAPI.with { api in
            let sent = try await send(api, CollectorSamples.send("&type=heap&labels=profefe.io/type%3Dcpu,a%3D1"))
            #expect(sent.labels == CollectorLabels([.init("a", "1")]))
        }
    }

    @Test(arguments: [("agent", true), (UserInfo.anonymous.name, false)])
    func nobodyKnowsWhoPinsNothing(_ user: String, _ isTaken: Bool) async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(
                .POST, CollectorSamples.send("&type=heap&labels=profefe.io/pinned%3Dtrue,a%3D1"), user: user,
                body: try ProfileFixture.heap.bytes)
            let sent = try CollectorEnvelope(answer.body).profile()
            let object = try await api.send(.GET, "/apis/profefe.io/v1/namespaces/default/profiles/\(sent.id)").json
            #expect(object.at("metadata/labels")?["a"]?.stringValue == "1")
            #expect((object.at("metadata/labels")?["profefe.io/pinned"]?.stringValue == "true") == isTaken)
        }
    }

    // MARK: searching

    @Test(arguments: [
        ("/api/0/profiles?from=2020-01-01T00:00:00&to=2021-01-01T00:00:00", "bad request: missing \"service\""),
        ("/api/0/profiles?service=a&to=2021-01-01T00:00:00", "bad request: missing \"from\""),
        ("/api/0/profiles?service=a&from=2020-01-01T00:00:00", "bad request: missing \"to\""),
        (
            "/api/0/profiles?service=a&from=yesterday&to=2021-01-01T00:00:00",
            "bad request: bad \"from\" timestamp \"yesterday\": time in unsupported format \"yesterday\""
        ),
        (
            "/api/0/profiles?service=a&from=2021-01-01T00:00:00&to=2020-01-01T00:00:00",
            "bad request: CreatedAtMin after CreatedAtMax: 2021-01-01 00:00:00 +0000 UTC, 2020-01-01 00:00:00 +0000 UTC"
        ),
        (
            "/api/0/profiles?service=a&from=2020-01-01T00:00:00&to=2021-01-01T00:00:00&limit=x",
            "bad request: bad \"limit\" \"x\": strconv.Atoi: parsing \"x\": invalid syntax"
        ),
        (
            "/api/0/profiles?service=a&from=2020-01-01T00:00:00&to=2021-01-01T00:00:00&limit=99999999999999999999",
            "bad request: bad \"limit\" \"99999999999999999999\": strconv.Atoi: parsing \"99999999999999999999\": value out of range"
        ),
    ])
    func searchesThatCannotBeMadeAreRefusedInProfefesWords(target: String, message: String) async throws {
        try await TestAPI.with { api in
            for path in [target, target.replacing("/profiles?", with: "/profiles/merge?type=cpu&")] {
                let answer = try await api.collector(.GET, path)
                #expect(answer.status == 400)
                #expect(answer.json == ["code": 400, "error": .string(message)])
            }
        }
    }

    @Test func nothingFoundIs404() async throws {
        try await TestAPI.with { api in
            let nothing: JSONValue = ["code": 404, "error": "nothing found"]
            for target in [
                CollectorSamples.search(), "/api/0/services", "/api/0/profiles/\(sampleXID)",
                CollectorSamples.search().replacing("/profiles?", with: "/profiles/merge?type=cpu&"),
            ] {
                let answer = try await api.collector(.GET, target)
                #expect(answer.status == 404)
                #expect(answer.json == nothing, "\(target)")
            }
        }
    }

    @Test func theNewestAreFoundAndListedOldestFirst() async throws {
        try await TestAPI.with { api in
            // Not sent in the order in which they were taken, as where agents are slow.
            for second in [3, 1, 5, 2, 4] {
                let time = "2026-11-22T08:00:0\(second).\(second)"
                try await sendTrace(api, at: time)
            }
            func seconds(_ more: String) async throws -> [Int64] {
                try await found(api, CollectorSamples.search(more)).map { $0.createdAt.seconds % 60 }
            }
            #expect(try await seconds("") == [1, 2, 3, 4, 5])
            #expect(try await seconds("&limit=2") == [4, 5])
            #expect(try await seconds("&limit=0") == [1, 2, 3, 4, 5])
            #expect(try await seconds("&limit=-1") == [1, 2, 3, 4, 5])
            #expect(try await seconds("&limit=99") == [1, 2, 3, 4, 5])
        }
    }

    @Test func bothEndsOfARangeCountToTheNanosecond() async throws {
        try await TestAPI.with { api in
            let time = "2026-11-22T08:00:05.25"
            try await sendTrace(api, at: time)
            func count(_ from: String, _ to: String) async throws -> Int {
                try await found(api, "/api/0/profiles?service=frontend&from=\(from)&to=\(to)").count
            }
            #expect(try await count(time, time) == 1)
            #expect(try await count("2026-11-22T08:00:05", "2026-11-22T08:00:06") == 1)
            #expect(try await count("2026-11-22T08:00:05", "2026-11-22T08:00:05") == 0)
            #expect(try await count("2026-11-22T08:00:05.250000001", "2026-11-22T08:00:06") == 0)
            #expect(try await count("2026-11-22T08:00:05", "2026-11-22T08:00:05.249999999") == 0)
        }
    }

    @Test(arguments: ["", "&type=", "&type=unknown", "&type=allocs"])
    func withoutAKnownTypeAllAreFound(query: String) async throws {
        try await TestAPI.with { api in
            for fixture in [ProfileFixture.cpu, .heap, .mutex] {
                _ = try await send(api, CollectorSamples.send("&type=\(fixture.rawValue)"), fixture)
            }
            #expect(try await found(api, CollectorSamples.search(query)).count == 3)
            #expect(try await found(api, CollectorSamples.search("&type=heap")).map(\.typeName) == ["heap"])
        }
    }

    @Test func noRowIsLostBehindALabel() async throws {
        // profefe's badger storage loses rows here: later profiles of earlier times.
        try await TestAPI.with { api in
            for second in (0..<30).reversed() {
                let time = "2026-11-22T08:00:\(second < 10 ? "0" : "")\(second)"
                let labels = "&labels=pod%3Dweb-\(second % 3),zone%3Da"
                try await sendTrace(api, at: time, labels)
            }
            for pod in 0..<3 {
                let query = "&labels=zone%3Da,pod%3Dweb-\(pod)"
                #expect(try await found(api, CollectorSamples.search(query)).count == 10)
            }
            #expect(try await found(api, CollectorSamples.search("&labels=pod%3Dweb-3")).isEmpty)
        }
    }

    @Test func servicesAreAllTheirNamesSorted() async throws {
        try await TestAPI.with { api in
            for (service, namespace) in [("b", "shop"), ("a/x", "shop"), ("b", "bank"), ("Z", "bank")] {
                let query = "service=\(URLEscaping.escape(service))&type=heap&labels=namespace%3D\(namespace)"
                _ = try await send(api, "/api/0/profiles?\(query)")
            }
            let answer = try await api.collector(.GET, "/api/0/services")
            #expect(try CollectorEnvelope(answer.body).services() == ["Z", "a/x", "b"])
        }
    }

    @Test func theVersionIsTold() async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(.GET, "/api/0/version")
            #expect(answer.status == 200)
            #expect(answer.json.at("body/version") == "v1.2.3")
        }
    }

    // MARK: methods

    @Test(arguments: [
        (HTTPMethod.PUT, "/api/0/profiles"), (.DELETE, "/api/0/profiles"), (.PATCH, "/api/0/profiles"),
        (.OPTIONS, "/api/0/profiles"), (.DELETE, "/api/0/profiles/\(sampleXID)"), (.POST, "/api/0/profiles/merge"),
        (.PUT, "/api/0/profiles/\(sampleXID)"), (.POST, "/api/0/services"), (.DELETE, "/api/0/version"),
    ])
    func methodsThatDoNothingAre405(method: HTTPMethod, target: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(method, target)
            #expect(answer.status == 405)
            #expect(answer.json["code"] == 405)
            #expect(answer.header("allow")?.hasPrefix("GET, HEAD") == true)
        }
    }

    @Test(arguments: ["/", "/api/0", "/api/0/profilesx", "/api/1/profiles", "/healthz", TestAPI.profiles])
    func otherPathsAre404(target: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.collector(.GET, target)
            #expect(answer.status == 404)
            #expect(answer.json == ["code": 404, "error": "nothing found"])
        }
    }
}
