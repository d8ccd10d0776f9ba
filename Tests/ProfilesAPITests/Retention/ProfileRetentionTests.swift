import APIMachinery
import NIOConcurrencyHelpers
import NIOHTTP1
import TestSupport
import Testing

@testable import ProfileStore
@testable import ProfilesAPI

/// Retention as clients of the API see it.
struct ProfileRetentionTests {
    private let time = NIOLockedValueBox(TestAPI.start.seconds)

    private func options(
        _ lifetime: RetentionPolicy.Lifetime = .seconds(3600), _ limits: StoreLimits = StoreLimits()
    ) -> TestAPI.Options {
        var options = TestAPI.Options()
        options.retention = ProfileRetention.configuration(limits, now: { TestAPI.start }) { RetentionPolicy(lifetime) }
        options.storeClock = { [time] in time.withLockedValue { $0 } }
        return options
    }

    private static func patch(_ api: TestAPI, _ name: String, _ body: String) async throws -> Answer {
        try await api.send(
            .PATCH, "\(TestAPI.profiles)/\(name)", ["content-type": "application/merge-patch+json"],
            body: Array(body.utf8))
    }

    @Test func expiresAtIsTrueThroughCreationPinningAndTheEnd() async throws {
        let object = try profileObject(.heap)
        try await TestAPI.with(options()) { [time] api in
            let created = try await api.create(TestAPI.profiles, object)
            #expect(created.json.at("status/expiresAt") == "2026-11-22T09:00:00Z")
            let pinned = try await Self.patch(
                api, created.name, #"{"metadata":{"labels":{"profefe.io/pinned":"true"}}}"#)
            #expect(pinned.status == 200 && pinned.warnings.isEmpty)
            #expect(pinned.json.at("metadata/labels")?["profefe.io/pinned"]?.stringValue == "true")
            #expect(pinned.json.at("status")?["sizeBytes"] != nil && pinned.json.at("status/expiresAt") == nil)
            time.withLockedValue { $0 += 7200 }
            await api.store.runUpkeep()
            let path = "\(TestAPI.profiles)/\(created.name)"
            #expect(try await api.send(.GET, path).json == pinned.json)
            // Its time has come long ago.
            let free = try await Self.patch(api, created.name, #"{"metadata":{"labels":{"profefe.io/pinned":null}}}"#)
            #expect(free.json.at("status/expiresAt") == "2026-11-22T09:00:00Z")
            await api.store.runUpkeep()
            #expect(try await api.send(.GET, path).status == 404)
        }
    }

    @Test func aProfileCanBeBornPinnedAndOtherLabelsOfTheServerStayItsOwn() async throws {
        let object = try profileObject(
            .heap, labels: JSONObject([("profefe.io/pinned", "true"), ("profefe.io/other", "x")]))
        try await TestAPI.with(options()) { api in
            let created = try await api.create(TestAPI.profiles, object)
            #expect(created.json.at("status/expiresAt") == nil)
            #expect(created.json.at("metadata/labels")?["profefe.io/other"] == nil)
            #expect(created.warnings.count == 1)
            let upload = try await api.send(
                .POST, "\(TestAPI.shop)/profileservices/web/profiles?type=heap&labels=profefe.io%2Fpinned%3Dtrue",
                body: try ProfileFixture.heap.bytes)
            #expect(upload.status == 201 && upload.json.at("status/expiresAt") == nil)
        }
    }

    @Test func aProfileWithFinalizersIsMarkedAndGoesWithTheLastOfThem() async throws {
        let object = try profileObject(.heap)
        try await TestAPI.with(options()) { [time] api in
            let created = try await api.create(TestAPI.profiles, object)
            _ = try await Self.patch(api, created.name, #"{"metadata":{"finalizers":["example.io/keep"]}}"#)
            time.withLockedValue { $0 += 3600 }
            await api.store.runUpkeep()
            let path = "\(TestAPI.profiles)/\(created.name)"
            let marked = try await api.send(.GET, path)
            #expect(marked.json.at("metadata/deletionTimestamp") == "2026-11-22T08:00:00Z")
            #expect(marked.json.at("status/expiresAt") == "2026-11-22T09:00:00Z")
            _ = try await Self.patch(api, created.name, #"{"metadata":{"finalizers":null}}"#)
            #expect(try await api.send(.GET, path).status == 404)
        }
    }

    @Test func whatHasNoRoomIsRefusedInKubernetesWords() async throws {
        let object = try profileObject(.heap, labels: JSONObject([("profefe.io/pinned", "true")]))
        let size = Int64(try ProfileFixture.heap.bytes.count)
        try await TestAPI.with(options(.forever, StoreLimits(namespaceBytes: size))) { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 413)
            #expect(answer.json.at("message")?.stringValue?.contains("--max-namespace-bytes") == true)
        }
        try await TestAPI.with(options(.forever, StoreLimits(namespaceBytes: size * 2))) { api in
            #expect(try await api.create(TestAPI.profiles, object).status == 201)
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 403 && answer.json.at("reason") == "Forbidden")
            #expect(answer.json.at("message")?.stringValue?.contains("profefe.io/pinned=true") == true)
        }
        try await TestAPI.with(options(.forever, StoreLimits(storeBytes: size * 2))) { api in
            #expect(try await api.create(TestAPI.profiles, object).status == 201)
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 503 && answer.json.at("reason") == "ServiceUnavailable")
            #expect(answer.headers.first(name: "retry-after") == "10")
            #expect(answer.json.at("message")?.stringValue?.hasPrefix("insufficient storage: ") == true)
        }
    }
}
