import APIMachinery
import APIServer
import NIOHTTP1
import Pprof
import ProfefeCollector
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

@Suite struct CollectorWriteTests {
    @Test(arguments: FakeCollector.Storage.allCases)
    func aCreateIsWrittenThroughUnderTheCollectorsName(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let object = try profileObject(
                    .heap,
                    JSONObject([("labels", [["key": "version", "value": "1.0"]]), ("podRef", ["name": "web-1"])]))
                let created = try await fixture.api.create(TestAPI.profiles, object)
                #expect(created.status == 201, "\(created.text)")
                let row = try #require(collector.rows.first)
                #expect(created.name == row.xid)
                #expect(created.json.at("spec/id")?.stringValue == row.id)
                let bytes = try ProfileFixture.heap.bytes
                #expect(row.bytes == bytes)
                let labels = Dictionary(uniqueKeysWithValues: row.labels.map { ($0.key, $0.value) })
                #expect(
                    labels == ["namespace": "shop", "version": "1.0", "pod": "web-1", "from": "profefe.io"])
                // The mirror sees it and leaves it as it is.
                let version = fixture.api.store.currentVersion
                await fixture.poll()
                await fixture.poll()
                #expect(fixture.api.store.currentVersion == version)
                let stored = try await fixture.api.send(.GET, TestAPI.profile("shop", row.xid))
                #expect(stored.json.at("spec/source/kind")?.stringValue == "Upload")
                #expect(stored.json.at("status/sizeBytes") != nil)
                let download = try await fixture.api.send(.GET, TestAPI.profile("shop", row.xid, "download"))
                #expect(download.body == row.bytes)
            }
        }
    }

    @Test func anUploadIsWrittenThrough() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                let path =
                    "\(TestAPI.shop)/profileservices/team%2Fweb/profiles?service=team/web&type=allocs&labels=a%3Db%252Bc"
                let answer = try await fixture.api.send(.POST, path, body: try ProfileFixture.allocs.bytes)
                #expect(answer.status == 201 || answer.status == 404, "\(answer.text)")
                let plain = "\(TestAPI.shop)/profileservices/x/profiles?service=team/web&type=allocs&labels=a%3Db%252Bc"
                let sent = try await fixture.api.send(.POST, plain, body: try ProfileFixture.allocs.bytes)
                #expect(sent.status == 201, "\(sent.text)")
                let row = try #require(collector.rows.last)
                #expect(row.service == "team/web")
                #expect(row.type == "other")
                #expect(row.labels.contains { $0.key == "profile" && $0.value == "allocs" })
                #expect(row.labels.contains { $0.key == "a" && $0.value == "b%2Bc" })
                #expect(sent.json.at("spec/type")?.stringValue == "allocs")
            }
        }
    }

    @Test func aMirrorThatWasFasterIsCompleted() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let held = collector.hold { $0.contains("created_at") }
                let creation = Task { try await fixture.api.create(TestAPI.profiles, try profileObject()) }
                await held.reached()
                collector.set(nil)
                held.release()
                let created = try await creation.value
                await fixture.poll()
                #expect(created.status == 201)
                #expect(try await fixture.api.profileNames() == [created.name])
            }
        }
    }

    @Test func whatTheMirrorSawFirstIsReplacedByWhatTheWriterKnows() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "heap", [("namespace", "shop")], bytes: try ProfileFixture.heap.bytes)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let writer = ProfileWriter(
                    store: fixture.api.store, decoder: .init(limits: .default), now: { .now() },
                    archive: AlreadyThere(id: row.id, name: row.xid))
                var metadata = ObjectMeta()
                metadata.namespace = "shop"
                let origin = ProfileOrigin(metadata: metadata, service: "web", type: .heap, requestedBy: "alice")
                let written = try await writer.write(origin, try await writer.check(row.bytes, .heap))
                #expect(written.name == row.xid)
                let profile = try await fixture.api.send(.GET, TestAPI.profile("shop", row.xid)).json
                #expect(profile.at("spec/source/requestedBy")?.stringValue == "alice")
                #expect(profile.at("status/sha256") != nil)
            }
        }
    }

    @Test func aDryRunSendsNothing() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                let answer = try await fixture.api.create("\(TestAPI.profiles)?dryRun=All", try profileObject())
                #expect(answer.status == 201)
                #expect(collector.rows.isEmpty)
            }
        }
    }

    @Test func theNameIsTheCollectorsToChoose() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                let answer = try await fixture.api.create(
                    TestAPI.profiles, try profileObject(name: sampleXID))
                #expect(answer.status == 422)
                #expect(answer.causes == ["metadata.name"])
                #expect(collector.rows.isEmpty)
            }
        }
    }

    @Test func whatTheCollectorRefusesIsABadRequest() async throws {
        try await FakeCollector.with { collector in
            collector.set(.refuse(400, "malformed profile"), where: { $0.contains("created_at") })
            try await MirrorFixture.with(collector.url) { fixture async throws in
                let answer = try await fixture.api.create(TestAPI.profiles, try profileObject())
                #expect(answer.status == 400)
                #expect(answer.message.contains("can't keep the profile"))
                #expect(!answer.message.contains("127.0.0.1"))
            }
        }
    }

    @Test func trapDeletionIsRefusedWithTheReasonAndNotAdvertised() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                for path in [TestAPI.profile("default", row.xid), "/apis/profefe.io/v1/namespaces/default/profiles"] {
                    let answer = try await fixture.api.send(.DELETE, path)
                    #expect(answer.status == 405)
                    #expect(answer.reason == "MethodNotAllowed")
                    #expect(answer.message.contains("collector"))
                }
                #expect(!collector.seen.contains { $0.method == .DELETE })
                let verbs = fixture.api.api.resources.first?.discovered.verbs ?? []
                #expect(verbs == ["create", "get", "list", "patch", "update"])
            }
        }
    }

    @Test func labelsCanBeChangedHereAndStay() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", [("a", "b")], bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let path = TestAPI.profile("default", row.xid)
                let answer = try await fixture.api.send(
                    .PATCH, path, ["content-type": "application/merge-patch+json"],
                    body: Array(#"{"metadata":{"labels":{"a":null,"incident":"42"}}}"#.utf8))
                #expect(answer.status == 200, "\(answer.text)")
                _ = try await fixture.api.send(.GET, path + "/download")
                await fixture.poll()
                let labels = try await fixture.api.send(.GET, path).json.at("metadata/labels")
                #expect(labels?["incident"]?.stringValue == "42")
                #expect(labels?["a"] == nil)
            }
        }
    }
}

/// Says that a profile is there already.
private struct AlreadyThere: ProfileArchive {
    let id: String
    let name: String

    func keep(_ record: ProfileRecord) async throws(StoreError) -> ProfileRecord {
        var origin = record.origin
        origin.metadata.name = name
        return ProfileRecord(
            origin, id: id, createdAt: record.createdAt, content: record.content, bytes: nil, readable: .read)
    }
}
