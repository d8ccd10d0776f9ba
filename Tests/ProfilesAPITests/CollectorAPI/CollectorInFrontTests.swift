import APIMachinery
import NIOHTTP1
import Pprof
import ProfefeCollector
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// profefe's own API in front of a collector: what is sent goes through to it, searches are answered from the mirror, bytes by it.
@Suite struct CollectorInFrontTests {
    private static func send(
        _ api: TestAPI, _ more: String, _ bytes: [UInt8] = untimed, user: String = "alice"
    ) async throws -> CollectorProfile {
        let answer = try await api.collector(.POST, CollectorSamples.send(more), user: user, body: bytes)
        try #require(answer.status == 200, "\(answer.text)")
        return try CollectorEnvelope(answer.body).profile()
    }

    private static func found(_ api: TestAPI, _ more: String = "") async throws -> [CollectorProfile] {
        let answer = try await api.collector(.GET, CollectorSamples.search(more))
        return answer.status == 404 ? [] : try CollectorEnvelope(answer.body).profiles()
    }

    /// The path of a profile, with its id escaped twice as clients of S3 do.
    private static func path(_ id: String) -> String {
        "/api/0/profiles/\(URLEscaping.escape(URLEscaping.escape(id)))"
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func whatIsSentIsTheCollectorsAsItWasSent(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let sent = try await Self.send(
                    fixture.api, "&type=heap&labels=version%3D1.0,pod%3Dweb-1&created_at=2026-11-22T08:00:05")
                let row = try #require(collector.rows.first)
                #expect(collector.rows.count == 1)
                #expect(row.bytes == untimed && row.service == "frontend" && row.type == "heap")
                // Nothing was added to what the agent says of it.
                #expect(row.labels.map { "\($0.key)=\($0.value)" } == ["pod=web-1", "version=1.0"])
                #expect(sent.id == row.id)
                #expect(sent.createdAt == Timestamp(rfc3339: "2026-11-22T08:00:05Z"))
                #expect(sent.labels == CollectorLabels([.init("pod", "web-1"), .init("version", "1.0")]))
                // At once, and the same after the mirror has seen it.
                for _ in 0..<2 {
                    #expect(try await Self.found(fixture.api) == [sent])
                    let read = try await fixture.api.collector(.GET, Self.path(sent.id))
                    #expect(read.status == 200)
                    #expect(read.body == untimed)
                    #expect(await fixture.poll())
                }
                let services = try await fixture.api.collector(.GET, "/api/0/services")
                #expect(try CollectorEnvelope(services.body).services() == ["frontend"])
                let object = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid)).json
                #expect(object.at("spec/source/kind")?.stringValue == "Agent")
            }
        }
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func whatOthersSendToTheCollectorIsFoundReadAndMerged(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            let now = Timestamp.now().seconds
            let rows = (0..<3).map { number in
                collector.add(
                    "frontend", "heap", [("a", "x/y z"), ("n", "\(number)")], createdAt: now - 60 + Int64(number),
                    bytes: untimed)
            }
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                #expect(try await Self.found(fixture.api).map(\.id) == rows.map(\.id))
                #expect(try await Self.found(fixture.api, "&labels=n%3D1").map(\.id) == [rows[1].id])
                #expect(try await Self.found(fixture.api, "&limit=2").map(\.id) == rows.dropFirst().map(\.id))
                for row in rows {
                    #expect(try await fixture.api.collector(.GET, Self.path(row.id)).body == row.bytes)
                }
                let ids = rows.map { URLEscaping.escape(URLEscaping.escape($0.id)) }.joined(separator: "+")
                let merges = ["/api/0/profiles/\(ids)", "/api/0/profiles/merge?" + Self.mergeQuery]
                for target in merges {
                    let merged = try await fixture.api.collector(.GET, target)
                    #expect(merged.status == 200, "\(merged.text.prefix(300))")
                    #expect(try ProfileDecoder().facts(of: merged.body).sampleTypes.first?.total == 3)
                }
            }
        }
    }

    private static let mergeQuery =
        "service=frontend&type=heap&from=2000-01-01T00:00:00&to=2100-01-01T00:00:00"

    /// The namespace of a service account's token is told to the collector, or its profile would be seen in another.
    @Test(arguments: ["", "&labels=namespace%3Dbank,version%3D1", "&labels=version%3D1"])
    func aServiceAccountsNamespaceIsPinned(_ labels: String) async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let sent = try await Self.send(
                    fixture.api, "&type=heap\(labels)", user: "system:serviceaccount:shop:agent")
                let row = try #require(collector.rows.first)
                #expect(row.labels.filter { $0.key == "namespace" }.map(\.value) == ["shop"])
                #expect(!row.labels.contains { $0.key == "from" })
                let names = try await fixture.api.send(.GET, TestAPI.profiles).names
                #expect(names == [sent.id])
                let version = fixture.api.store.currentVersion
                await fixture.poll()
                #expect(fixture.api.store.currentVersion == version)
            }
        }
    }

    @Test func allocsAreOtherWithTheirLabel() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let sent = try await Self.send(
                    fixture.api, "&type=other&labels=profile%3Dallocs", try ProfileFixture.allocs.bytes)
                #expect(sent.typeName == "other")
                #expect(collector.rows.first?.labels.map(\.key) == ["profile"])
                let object = try await fixture.api.send(.GET, TestAPI.profile("default", sent.id)).json
                #expect(object.at("spec/type")?.stringValue == "allocs")
            }
        }
    }

    @Test func whatIsRefusedHereIsNotSent() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.forgetRequests()
                let malformed = try await fixture.api.collector(.POST, CollectorSamples.send(), body: [1, 2, 3])
                #expect(malformed.status == 400)
                #expect(malformed.json["error"]?.stringValue?.hasPrefix("malformed profile") == true)
                #expect(collector.seen.isEmpty)
                // And what the collector refuses is refused.
                collector.set(.refuse(400, "malformed profile"), where: { $0.contains("service=frontend") })
                let refused = try await fixture.api.collector(.POST, CollectorSamples.send(), body: untimed)
                #expect(refused.status == 400)
                #expect(refused.json["code"] == 400)
                #expect(try await Self.found(fixture.api).isEmpty)
            }
        }
    }

    // MARK: the collector is away

    @Test func nothingIsSaidToBeMissingWhileTheCollectorIsAway() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                let questions = [
                    CollectorSamples.search(), "/api/0/services", "/api/0/profiles/\(sampleXID)",
                    "/api/0/profiles/merge?" + Self.mergeQuery,
                ]
                collector.set(.internalError)
                #expect(await !fixture.poll())
                for target in questions {
                    let answer = try await fixture.api.collector(.GET, target)
                    #expect(answer.status == 503, "\(target): \(answer.text)")
                    #expect(answer.header("retry-after") != nil, "\(target)")
                    #expect(answer.json["code"] == 503, "\(target)")
                    #expect(answer.json["error"]?.stringValue?.contains("not known") == true, "\(target)")
                }
                collector.set(nil)
                #expect(await fixture.poll())
                for target in questions {
                    let answer = try await fixture.api.collector(.GET, target)
                    #expect(answer.json == ["code": 404, "error": "nothing found"], "\(target)")
                }
            }
        }
    }

    /// The Go agent repeats a 5xx with a body that it has read already.
    @Test func sendingIs429AndSearchesGoOn() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("frontend", "heap", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                await collector.stop()
                #expect(await !fixture.poll())
                let refused = try await fixture.api.collector(.POST, CollectorSamples.send(), body: untimed)
                #expect(refused.status == 429)
                #expect(refused.header("retry-after") == "5")
                #expect(refused.json["code"] == 429)
                #expect(refused.json["error"]?.stringValue?.contains("can't keep the profile") == true)

                let search = try await fixture.api.collector(.GET, CollectorSamples.search())
                #expect(try CollectorEnvelope(search.body).profiles().map(\.id) == [row.id])
                #expect(search.warnings.first?.contains("as of") == true)
                for target in ["/api/0/profiles/\(row.id)", "/api/0/profiles/merge?" + Self.mergeQuery] {
                    let read = try await fixture.api.collector(.GET, target)
                    #expect(read.status == 503, "\(target): \(read.text)")
                    #expect(read.header("retry-after") != nil, "\(target)")
                }
                try await collector.restart()
                #expect(await fixture.poll())
                #expect(try await Self.send(fixture.api, "&type=heap").service == "frontend")
                #expect(try await fixture.api.collector(.GET, "/api/0/profiles/\(row.id)").body == untimed)
            }
        }
    }

    @Test func aProfileThatIsGoneThereIsNotFound() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("frontend", "heap", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.expire { _ in true }
                for _ in 0..<2 {
                    #expect(try await fixture.api.collector(.GET, "/api/0/profiles/\(row.id)").status == 404)
                    #expect(await fixture.poll())
                }
                #expect(try await Self.found(fixture.api).isEmpty)
            }
        }
    }
}
