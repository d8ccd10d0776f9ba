import APIMachinery
import NIOHTTP1
import Pprof
import TestSupport
import Testing

@testable import ProfileStore
@testable import ProfilesAPI

/// What agents are told where the store has no room for their profiles: in profefe's envelope, and never by a 5xx, which the Go agent
/// repeats with a body that it has read already.
struct CollectorLimitsTests {
    private static let pinned = CollectorSamples.send("&type=heap&labels=profefe.io%2Fpinned%3Dtrue")

    private static func options(_ limits: StoreLimits) -> TestAPI.Options {
        var options = TestAPI.Options()
        options.retention = ProfileRetention.configuration(limits, now: { TestAPI.start }) { RetentionPolicy(.forever) }
        return options
    }

    private static func send(_ api: TestAPI, status: Int) async throws -> Answer {
        let answer = try await api.collector(.POST, pinned, body: try ProfileFixture.heap.bytes)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.json["code"]?.integerValue == Int64(status))
        return answer
    }

    @Test func aFullStoreIs429() async throws {
        let size = Int64(try ProfileFixture.heap.bytes.count)
        try await TestAPI.with(Self.options(StoreLimits(storeBytes: size * 2))) { api in
            _ = try await Self.send(api, status: 200)
            let refused = try await Self.send(api, status: 429)
            #expect(refused.header("retry-after") == "10")
            #expect(refused.json["error"]?.stringValue?.hasPrefix("insufficient storage: ") == true)
            // What is there is found as before.
            let found = try await api.collector(.GET, CollectorSamples.search())
            #expect(found.json["body"]?.arrayValue?.count == 1)
        }
    }

    @Test func aFullNamespaceIs403AndWhatNeverFits413() async throws {
        let size = Int64(try ProfileFixture.heap.bytes.count)
        try await TestAPI.with(Self.options(StoreLimits(namespaceBytes: size * 2))) { api in
            _ = try await Self.send(api, status: 200)
            let refused = try await Self.send(api, status: 403)
            #expect(refused.json["error"]?.stringValue?.contains("profefe.io/pinned=true") == true)
        }
        try await TestAPI.with(Self.options(StoreLimits(namespaceBytes: size))) { api in
            let refused = try await Self.send(api, status: 413)
            #expect(refused.json["error"]?.stringValue?.contains("--max-namespace-bytes") == true)
        }
    }
}
