import APIMachinery
import NIOConcurrencyHelpers
import NIOHTTP1
import NIOPosix
import ProfefeCollector
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// Copies of collectors that behave as profefe's storages do.
struct CollectorImportTests {
    private static let second: Int64 = 1_795_334_400

    private func copy(
        _ collector: FakeCollector, into store: any ObjectStore,
        _ change: (inout CollectorImport.Configuration) -> Void = { _ in }
    ) async throws -> CollectorImport.Progress {
        var configuration = CollectorImport.Configuration()
        configuration.attempts = 1
        change(&configuration)
        let client = CollectorClient(
            try #require(CollectorAddress(url: collector.url)), group: MultiThreadedEventLoopGroup.singleton)
        do {
            let summary = try await CollectorImport(from: client, into: store, configuration).run { _ in }
            await client.shutdown()
            return summary
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Bytes that don't say when they were taken, as those of older programs.
    private static let timeless = FakeCollector.untimedProfile

    @Test(arguments: FakeCollector.Storage.allCases)
    func idsTimesLabelsAndBytesStay(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            let heap = try ProfileFixture.heap.bytes
            let rows = [
                collector.add(
                    "web", "cpu", [("namespace", "shop"), ("v", "1 0")], createdAt: Self.second, bytes: Self.timeless),
                collector.add("web", "heap", [("namespace", "shop")], createdAt: Self.second + 1, bytes: heap),
                collector.add("team/db", "trace", [], createdAt: Self.second + 2, bytes: [1, 2, 3]),
                collector.add(
                    "web", "other", [("profile", "allocs")], createdAt: Self.second + 3, bytes: Self.timeless),
            ]
            try await TestAPI.with { api in
                let summary = try await copy(collector, into: api.store)
                #expect(summary.copied == rows.count)
                #expect(summary.refused.isEmpty)
                #expect(summary.bytes == rows.reduce(0) { $0 + $1.bytes.count })
                for (row, namespace) in zip(rows, ["shop", "shop", "default", "default"]) {
                    let path = "/apis/profefe.io/v1/namespaces/\(namespace)/profiles/\(row.xid)"
                    let object = try await api.send(.GET, path).json
                    #expect(object.at("spec/id")?.stringValue == row.id)
                    // In the keys of S3 there is no slash.
                    let service = storage == .s3 ? row.service.replacing("/", with: "__") : row.service
                    #expect(object.at("spec/service")?.stringValue == service)
                    #expect(object.at("spec/source/kind") == "Imported")
                    let labels = (object.at("spec/labels")?.arrayValue ?? []).map {
                        "\($0["key"]?.stringValue ?? "")=\($0["value"]?.stringValue ?? "")"
                    }
                    #expect(labels == row.labels.map { "\($0.key)=\($0.value)" })
                    #expect(try await api.send(.GET, "\(path)/download").body == row.bytes)
                    // Under the name that it had there.
                    let segment = try #require(CollectorID(row.id)).pathSegment
                    #expect(try await api.collector(.GET, "/api/0/profiles/\(segment)").body == row.bytes)
                }
                let times = try await api.collector(
                    .GET, "/api/0/profiles?service=web&type=cpu&from=2000-01-01T00:00:00&to=2100-01-01T00:00:00")
                let told = try #require(try CollectorEnvelope(times.body).profiles().first)
                #expect(told.id == rows[0].id)
                #expect(told.createdAt.seconds == Self.second)
                let allocs = try await api.send(.GET, "/apis/profefe.io/v1/namespaces/default/profiles/\(rows[3].xid)")
                #expect(allocs.json.at("spec/type") == "allocs")
            }
        }
    }

    @Test func whatIsThereIsNotAskedForAgain() async throws {
        try await FakeCollector.with { collector in
            for second in 0..<5 {
                collector.add("web", "cpu", createdAt: Self.second + Int64(second), bytes: Self.timeless)
            }
            try await TestAPI.with { api in
                #expect(try await copy(collector, into: api.store).copied == 5)
                collector.forgetRequests()
                let late = collector.add("web", "heap", createdAt: Self.second, bytes: Self.timeless)
                let again = try await copy(collector, into: api.store)
                #expect(again.copied == 1)
                #expect(again.known == 5)
                let read = collector.seen.filter { $0.target.hasPrefix("/api/0/profiles/") }
                #expect(read.map(\.target) == ["/api/0/profiles/\(late.id)"])
            }
        }
    }

    @Test func oneThatWasCutShortGoesOn() async throws {
        try await FakeCollector.with { collector in
            var rows: [FakeCollectorRow] = []
            for second in 0..<6 {
                rows.append(collector.add("web", "cpu", createdAt: Self.second + Int64(second), bytes: Self.timeless))
            }
            let id = rows[3].id
            try await TestAPI.with { api in
                collector.set(.noAnswer) { $0.contains(id) }
                let error = await #expect(throws: CollectorError.self) {
                    try await copy(collector, into: api.store) { $0.parallel = 1 }
                }
                #expect(error?.isOutage == true)
                collector.set(nil)
                let summary = try await copy(collector, into: api.store) { $0.parallel = 1 }
                #expect(summary.copied + summary.known == 6)
                #expect(summary.known == 3)
            }
        }
    }

    @Test func whatCannotBeTakenIsToldOfAndTheRestIsTaken() async throws {
        try await FakeCollector.with(.s3) { collector in
            collector.add("web", "cpu", [("v", "1+1")], createdAt: Self.second, bytes: Self.timeless)
            collector.add("web", "cpu", [("v", "bad")], createdAt: Self.second + 1, bytes: Array("no profile".utf8))
            let unreadable = collector.add("web", "cpu", createdAt: Self.second + 2, bytes: Self.timeless)
            let gone = collector.add("web", "heap", createdAt: Self.second + 3, bytes: Self.timeless)
            collector.add("\(String(repeating: "s", count: 254))", "cpu", createdAt: Self.second, bytes: Self.timeless)
            collector.add("web", "mutex", createdAt: Self.second + 4, bytes: Self.timeless)
            try await TestAPI.with { api in
                collector.set(.internalError) { $0.contains(unreadable.xid) }
                let first = try await copy(collector, into: api.store)
                #expect(first.refused == [.unreachable: 1, .bad: 1, .unreadable: 1, .unkeepable: 1])
                #expect(first.copied == 2)
                #expect(first.examples.count == 4)
                #expect(first.examples.contains { $0.contains(unreadable.id) })
                collector.set(.refuse(404, "nothing found")) { $0.contains(unreadable.xid) }
                let second = try await copy(collector, into: api.store)
                #expect(second.refused[.gone] == 1)
                #expect(second.known == 2)
                #expect(
                    try await api.send(.GET, "/apis/profefe.io/v1/namespaces/default/profiles/\(gone.xid)").status
                        == 200)
            }
        }
    }

    /// Not each profile by itself is told to be unreadable then.
    @Test func aCollectorThatAnswersNothingStopsTheCopy() async throws {
        try await FakeCollector.with { collector in
            collector.add("web", "cpu", createdAt: Self.second, bytes: Self.timeless)
            try await TestAPI.with { api in
                // The list of services and one search are answered, and nothing then.
                let count = NIOLockedValueBox(0)
                collector.set(.proxy(502)) { _ in
                    count.withLockedValue { count in
                        count += 1
                        return count > 2
                    }
                }
                do {
                    _ = try await copy(collector, into: api.store)
                    Issue.record("it went on")
                } catch let error as CollectorError {
                    #expect(error.isOutage)
                }
            }
        }
    }

    @Test func itIsPatientWithACollectorThatComesBack() async throws {
        try await FakeCollector.with { collector in
            collector.add("web", "cpu", createdAt: Self.second, bytes: Self.timeless)
            try await TestAPI.with { api in
                let count = NIOLockedValueBox(0)
                collector.set(.internalError) { _ in
                    count.withLockedValue { count in
                        count += 1
                        return count < 4
                    }
                }
                let summary = try await copy(collector, into: api.store) {
                    $0.attempts = 5
                    $0.pause = .zero
                }
                #expect(summary.copied == 1)
            }
        }
    }

    @Test func onlyServicesAskedForAreCopied() async throws {
        try await FakeCollector.with { collector in
            collector.add("web", "cpu", createdAt: Self.second, bytes: Self.timeless)
            collector.add("db", "cpu", createdAt: Self.second, bytes: Self.timeless)
            try await TestAPI.with { api in
                let summary = try await copy(collector, into: api.store) { $0.services = ["db"] }
                #expect(summary.copied == 1)
                #expect(summary.done == CollectorType.allCases.count)
                #expect(!collector.seen.contains { $0.target.contains("service=web") })
            }
        }
    }
}
