import APIMachinery
import Digests
import HTTPTransport
import NIOHTTP1
import ProfefeCollector
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

@Suite struct CollectorReadTests {
    private static let second = Timestamp.now().seconds

    @Test(arguments: FakeCollector.Storage.allCases)
    func theFirstReadFillsInWhatTheBytesSay(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            let bytes = try ProfileFixture.heap.bytes
            let row = collector.add("web", "heap", [("a", "b/c d")], bytes: bytes)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let path = TestAPI.profile("default", row.xid)
                let answer = try await fixture.api.send(.GET, path + "/download")
                #expect(answer.status == 200)
                #expect(answer.body == bytes)
                #expect(answer.header("etag") == "\"\(SHA256.hex(bytes))\"")
                let profile = try await fixture.api.send(.GET, path).json
                #expect(profile.at("status/sizeBytes")?.integerValue == Int64(bytes.count))
                #expect(profile.at("status/sha256")?.stringValue == SHA256.hex(bytes))
                #expect((profile.at("status/sampleCount")?.integerValue ?? 0) > 0)
                #expect(profile.at("status/conditions")?.arrayValue?.first?["status"]?.stringValue == "True")
                #expect(profile.at("spec/id")?.stringValue == row.id)
                // And is remembered: the next poll brings nothing new.
                let version = fixture.api.store.currentVersion
                await fixture.poll()
                #expect(fixture.api.store.currentVersion == version)
            }
        }
    }

    @Test func bytesAreReadOnceAndNeverForAList() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "heap", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.forgetRequests()
                _ = try await fixture.api.send(.GET, TestAPI.all)
                _ = try await fixture.api.send(.GET, TestAPI.all, .table)
                #expect(collector.seen.isEmpty)
                for _ in 0..<3 { _ = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download")) }
                _ = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "top"))
                #expect(collector.seen.count == 1)
            }
        }
    }

    @Test func withoutACacheEveryReadIsOfTheCollector() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "heap", bytes: untimed)
            try await MirrorFixture.with(collector.url, configure: { $0.cacheBytes = 0 }) { fixture async throws in
                await fixture.poll()
                collector.forgetRequests()
                for _ in 0..<3 {
                    let answer = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download"))
                    #expect(answer.body == untimed)
                }
                #expect(collector.seen.count == 3)
            }
        }
    }

    @Test func analysesWorkOnMirroredProfiles() async throws {
        try await FakeCollector.with { collector in
            let rows = try (0..<3).map { _ in try collector.add("web", "cpu", bytes: ProfileFixture.cpu.bytes) }
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                for subresource in ["top", "flamegraph", "graph", "diff?base=\(rows[1].xid)"] {
                    let answer = try await fixture.api.send(.GET, TestAPI.profile("default", rows[0].xid, subresource))
                    #expect(answer.status == 200, "\(subresource): \(answer.text.prefix(300))")
                }
                let merge = "/apis/profefe.io/v1/namespaces/default/profileservices/web/merge?type=cpu&from=-480000h"
                let merged = try await fixture.api.send(.GET, merge)
                #expect(merged.status == 200, "\(merged.text.prefix(300))")
                #expect(!merged.body.isEmpty)
            }
        }
    }

    @Test func trapAnUnreachableIDIsShownAndCannotBeRead() async throws {
        try await FakeCollector.with(.s3) { collector in
            let row = collector.add("web", "cpu", [("x", "1+2")], bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let path = TestAPI.profile("default", row.xid)
                let condition = try await fixture.api.send(.GET, path).json.at("status/conditions")?.arrayValue?.first
                #expect(condition?["status"]?.stringValue == "False")
                #expect(condition?["reason"]?.stringValue == "UnreachableID")
                let answer = try await fixture.api.send(.GET, path + "/download")
                #expect(answer.status == 400)
                #expect(answer.message.contains("separator"))
            }
        }
    }

    @Test func trapBytesThatAreNoProfileAreNotGivenOut() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.set(.garbage(Array("<html>".utf8)), where: { $0.contains("/profiles/") })
                let answer = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download"))
                #expect(answer.status == 503)
                #expect(answer.header("retry-after") != nil)
                collector.set(nil)
                #expect(
                    try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download")).status == 200)
            }
        }
    }

    @Test func trapOtherBytesThanTheFirstTimeAreNotGivenOut() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", bytes: untimed)
            try await MirrorFixture.with(collector.url, configure: { $0.cacheBytes = 0 }) { fixture async throws in
                await fixture.poll()
                let path = TestAPI.profile("default", row.xid, "download")
                #expect(try await fixture.api.send(.GET, path).status == 200)
                collector.set(.garbage(ProfileShape.cpp.bytes), where: { $0.contains("/profiles/") })
                let answer = try await fixture.api.send(.GET, path)
                #expect(answer.status == 503)
                #expect(answer.message.contains("not what it gave before"))
            }
        }
    }

    @Test func aProfileThatIsGoneThereIsNotFound() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.expire { _ in true }
                #expect(
                    try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download")).status == 404)
            }
        }
    }

    // MARK: the collector is away

    private static let outages: [(String, FakeCollectorFault)] = [
        ("hanging", .hang), ("failing", .internalError), ("garbage", .garbage(Array("nonsense".utf8))),
        ("behind a proxy, 404", .proxy(404)), ("behind a proxy, 503", .proxy(503)), ("broken off", .cutOff),
        ("closing", .noAnswer),
    ]

    @Test(arguments: outages)
    func listsAndWatchesGoOnAndBytesAre503(_ name: String, _ fault: FakeCollectorFault) async throws {
        var limits = CollectorClient.Limits()
        // Nobody waits for the others: however slow the machine is, they answer.
        limits.silence = name == "hanging" ? .seconds(2) : .seconds(60)
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", bytes: untimed)
            let start = Timestamp.now()
            try await MirrorFixture.with(collector.url, limits: limits, now: start) { fixture async throws in
                await fixture.poll()
                #expect(try await fixture.api.send(.GET, TestAPI.all).warnings == [])
                collector.set(fault)
                #expect(await !fixture.poll())
                fixture.api.set(start.adding(.seconds(185)))
                for headers in [HTTPHeaders(), .table] {
                    let list = try await fixture.api.send(.GET, TestAPI.all, headers)
                    #expect(list.status == 200)
                    #expect(list.warnings.count == 1)
                    #expect(list.warnings.first?.contains("profiles are as of 3m") == true, "\(list.warnings)")
                }
                let one = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid))
                #expect(one.status == 200)
                #expect(one.warnings.count == 1)
                let services = try await fixture.api.send(.GET, "/apis/profefe.io/v1/profileservices")
                #expect(services.status == 200)
                #expect(services.warnings.count == 1)
                for resource in [TestAPI.all, "/apis/profefe.io/v1/profileservices"] {
                    let (event, warnings) = try await fixture.api.watch("\(resource)?watch=1&resourceVersion=0") {
                        (await $0.next(), $0.warnings)
                    }
                    #expect(event?["type"]?.stringValue == "ADDED")
                    #expect(warnings.first?.contains("profiles are as of 3m") == true, "\(resource): \(warnings)")
                }
                for path in ["download", "top"] {
                    let answer = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, path))
                    #expect(answer.status == 503)
                    #expect(answer.header("retry-after") != nil)
                }
                // Nobody knows whether it is there.
                let service = "/apis/profefe.io/v1/namespaces/default/profileservices/nobody"
                for path in [TestAPI.profile("default", sampleXID), service] {
                    let unknown = try await fixture.api.send(.GET, path)
                    #expect(unknown.status == 503, "\(path)")
                    #expect(unknown.header("retry-after") != nil)
                }
                let patch = try await fixture.api.send(
                    .PATCH, TestAPI.profile("default", sampleXID), ["content-type": "application/merge-patch+json"],
                    body: Array("{}".utf8))
                #expect(patch.status == 503)
                let sent = try await fixture.api.create(TestAPI.profiles, try profileObject())
                #expect(sent.status == 503)
                #expect(sent.header("retry-after") != nil)
                collector.set(nil)
                #expect(await fixture.poll())
                #expect(try await fixture.api.send(.GET, TestAPI.all).warnings == [])
                for path in [TestAPI.profile("default", sampleXID), service] {
                    #expect(try await fixture.api.send(.GET, path).status == 404)
                }
            }
        }
    }

    @Test func aSlowPollHoldsNobodyUp() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let held = collector.hold { $0.contains("/services") }
                async let polled = fixture.poll()
                await held.reached()
                let list = try await fixture.api.send(.GET, TestAPI.all)
                #expect(list.names == [row.xid] && list.warnings == [])
                let read = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download"))
                #expect(read.body == untimed)
                let sent = try await fixture.api.create(TestAPI.profiles, try profileObject())
                #expect(sent.status == 201)
                held.release()
                #expect(await polled)
                #expect(try await fixture.api.profileNames().sorted() == collector.rows.map(\.xid))
            }
        }
    }

    @Test func aCollectorThatIsDownAndComesBackIsSurvived() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                await collector.stop()
                #expect(await !fixture.poll())
                #expect(try await fixture.api.profileNames() == [row.xid])
                #expect(
                    try await fixture.api.send(.GET, TestAPI.profile("default", row.xid, "download")).status == 503)
                try await collector.restart()
                collector.add("web", "cpu", bytes: untimed)
                #expect(await fixture.poll())
                #expect(try await fixture.api.profileNames() == collector.rows.map(\.xid))
            }
        }
    }

    @Test func beforeTheFirstPollNothingIsSaidToBeMissing() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                #expect(fixture.mirror.freshness.isBeforeFirstPoll)
                #expect(try await fixture.api.send(.GET, TestAPI.profile("default", sampleXID)).status == 503)
                let list = try await fixture.api.send(.GET, TestAPI.all)
                #expect(list.status == 200)
                #expect(list.warnings.first?.contains("first time") == true)
                await fixture.poll()
                #expect(!fixture.mirror.freshness.isBeforeFirstPoll)
                #expect(try await fixture.api.send(.GET, TestAPI.profile("default", sampleXID)).status == 404)
            }
        }
    }
}
