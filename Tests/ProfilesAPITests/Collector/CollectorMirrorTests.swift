import APIMachinery
import Digests
import NIOHTTP1
import ProfefeCollector
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// The traps of `profefe.md` 1, and what becomes of a collector's profiles here (`api.md` 7).
@Suite struct CollectorMirrorTests {
    private static let second = Timestamp.now().seconds

    @Test(arguments: FakeCollector.Storage.allCases)
    func profilesOfACollectorAreProfilesInTheirNamespaces(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            let row = collector.add(
                "frontend", "cpu",
                [("namespace", "prod"), ("pod", "web-1"), ("version", "1.0"), ("free", "no label!")],
                createdAt: Self.second, bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                #expect(await fixture.poll())
                let profile = try await fixture.api.send(.GET, TestAPI.profile("prod", row.xid)).json
                #expect(profile.at("spec/id")?.stringValue == row.id)
                #expect(profile.at("spec/service")?.stringValue == "frontend")
                #expect(profile.at("spec/type")?.stringValue == "cpu")
                #expect(profile.at("spec/podRef/name")?.stringValue == "web-1")
                #expect(profile.at("spec/source/kind")?.stringValue == "Agent")
                let labels = profile.at("metadata/labels")
                #expect(labels?["version"]?.stringValue == "1.0")
                #expect(labels?["profefe.io/created-at"]?.stringValue == "\(Self.second)")
                // Never made fit: only in the spec.
                #expect(labels?["free"] == nil)
                let all = profile.at("spec/labels")?.arrayValue?.compactMap { $0["key"]?.stringValue }
                #expect(all == ["free", "namespace", "pod", "version"])
                #expect(profile.at("status/sizeBytes") == nil)
                #expect(profile.at("status/conditions")?.arrayValue?.first?["status"]?.stringValue == "Unknown")
            }
        }
    }

    @Test(
        arguments: [
            ([], "other-ns"), ([("namespace", "")], "other-ns"), ([("namespace", "Not A Name")], "other-ns"),
            ([("namespace", "a"), ("namespace", "b")], "other-ns"), ([("namespace", "shop")], "shop"),
        ] as [([(key: String, value: String)], String)])
    func aNamespaceIsWhatTheLabelSaysOrTheUnscopedOne(
        _ labels: [(key: String, value: String)], _ namespace: String
    ) async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "heap", labels, bytes: untimed)
            try await MirrorFixture.with(collector.url, unscoped: "other-ns") { fixture async throws in
                await fixture.poll()
                #expect(try await fixture.api.send(.GET, TestAPI.profile(namespace, row.xid)).status == 200)
            }
        }
    }

    @Test func trapLabelsThatABadgerSearchLosesAreFilteredHere() async throws {
        try await FakeCollector.with { collector in
            // Times against the order of ids: profefe's own join loses rows.
            let rows = [3, 1, 2].map {
                collector.add("web", "cpu", [("pod", "a")], createdAt: Self.second + $0, bytes: untimed)
            }
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                #expect(Set(try await fixture.api.profileNames("?labelSelector=pod%3Da")) == Set(rows.map(\.xid)))
                #expect(!collector.seen.contains { $0.target.contains("labels=") })
            }
        }
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func trapEveryTypeIsAskedForByItself(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            let types = ["cpu", "heap", "block", "mutex", "goroutine", "threadcreate", "other", "trace"]
            for (number, type) in types.enumerated() {
                collector.add("web", type, createdAt: Self.second - Int64(number), bytes: untimed)
            }
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let list = try await fixture.api.send(.GET, TestAPI.all).json
                let seen = list["items"]?.arrayValue?.compactMap { $0.at("spec/type")?.stringValue } ?? []
                #expect(seen.sorted() == types.sorted())
                let searches = collector.seen.filter { $0.target.contains("profiles?") }
                #expect(searches.allSatisfy { $0.target.contains("type=") })
            }
        }
    }

    @Test func allocsIsWhatIsMarkedSo() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "other", [("profile", "allocs")], bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let profile = try await fixture.api.send(.GET, TestAPI.profile("default", row.xid)).json
                #expect(profile.at("spec/type")?.stringValue == "allocs")
            }
        }
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func trapMoreThanALimitAreAllSeen(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            for number in 0..<1300 {
                collector.add("web", "cpu", createdAt: Self.second - Int64(number) * 60, bytes: untimed)
            }
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                #expect(try await fixture.api.profileNames() == collector.rows.map(\.xid))
            }
        }
    }

    @Test func trapLateProfilesAreSeenByTheOverlap() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                // Taken five minutes ago, sent now.
                let late = collector.add("web", "cpu", createdAt: Self.second - 300, bytes: untimed)
                await fixture.poll()
                #expect(try await fixture.api.profileNames() == [late.xid])
            }
        }
    }

    @Test func trapVeryLateProfilesAreSeenByComparing() async throws {
        try await FakeCollector.with { collector in
            collector.add("web", "cpu", createdAt: Self.second, bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.add("web", "cpu", createdAt: Self.second - 86_400, bytes: untimed)
                await fixture.poll()
                #expect(try await fixture.api.profileNames() == collector.rows.map(\.xid))
            }
        }
    }

    @Test func trapTimesOfAClockThatIsAheadAreSeen() async throws {
        try await FakeCollector.with { collector in
            let ahead = collector.add("web", "cpu", createdAt: Self.second + 86_400, bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                #expect(try await fixture.api.profileNames() == [ahead.xid])
            }
        }
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func trapWhatIsGoneThereIsGoneHereWithAnEvent(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            let old = collector.add("web", "cpu", createdAt: Self.second - 400_000, bytes: untimed)
            let new = collector.add("web", "cpu", createdAt: Self.second, bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let version = try await fixture.api.send(.GET, TestAPI.all).json.at("metadata/resourceVersion")
                collector.expire { $0.xid == old.xid }
                await fixture.poll()
                #expect(try await fixture.api.profileNames() == [new.xid])
                #expect(try await fixture.api.send(.GET, TestAPI.profile("default", old.xid)).status == 404)
                let target = "\(TestAPI.all)?watch=1&resourceVersion=\(version?.stringValue ?? "")"
                let event = try await fixture.api.watch(target) { await $0.next() }
                #expect(event?["type"]?.stringValue == "DELETED")
                #expect(event?.at("object/metadata/name")?.stringValue == old.xid)
            }
        }
    }

    @Test func whenAllServicesAreGoneSoAreTheirProfiles() async throws {
        try await FakeCollector.with { collector in
            collector.add("web", "cpu", createdAt: Self.second - 400_000, bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.expire { _ in true }
                await fixture.poll()
                #expect(try await fixture.api.profileNames() == [])
            }
        }
    }

    @Test func trapA404OfAProxyRemovesNothing() async throws {
        try await FakeCollector.with { collector in
            let row = collector.add("web", "cpu", createdAt: Self.second - 400_000, bytes: untimed)
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                collector.set(.proxy(404))
                #expect(await !fixture.poll())
                #expect(try await fixture.api.profileNames() == [row.xid])
            }
        }
    }

    @Test func eachProfileIsAddedOnceInTheOrderOfFirstSight() async throws {
        try await FakeCollector.with { collector in
            try await MirrorFixture.with(collector.url) { fixture async throws in
                await fixture.poll()
                let version = try await fixture.api.send(.GET, TestAPI.all).json.at("metadata/resourceVersion")
                let first = collector.add("web", "cpu", createdAt: Self.second, bytes: untimed)
                await fixture.poll()
                let second = collector.add("web", "cpu", createdAt: Self.second - 60, bytes: untimed)
                await fixture.poll()
                await fixture.poll()
                let target = "\(TestAPI.all)?watch=1&resourceVersion=\(version?.stringValue ?? "")"
                let events = try await fixture.api.watch(target) { events in
                    await [events.next(), events.next()].compactMap { $0 }
                }
                #expect(events.compactMap { $0["type"]?.stringValue } == ["ADDED", "ADDED"])
                #expect(
                    events.compactMap { $0.at("object/metadata/name")?.stringValue } == [first.xid, second.xid])
            }
        }
    }

    @Test func aRestartedServerGoesOnWithItsMirror() async throws {
        let directory = try TemporaryDirectory("mirror")
        try await FakeCollector.with { collector in
            let old = collector.add("web", "cpu", createdAt: Self.second - 5000, bytes: untimed)
            let version = try await MirrorFixture.with(collector.url, directory: directory.path) {
                fixture async throws in
                await fixture.poll()
                return fixture.api.store.currentVersion
            }
            let new = collector.add("web", "cpu", createdAt: Self.second, bytes: untimed)
            try await MirrorFixture.with(collector.url, directory: directory.path) { fixture async throws in
                #expect(fixture.api.store.currentVersion == version)
                await fixture.poll()
                #expect(Set(try await fixture.api.profileNames()) == [old.xid, new.xid])
                // One event: what was there is known.
                #expect(fixture.api.store.currentVersion.rawValue == version.rawValue + 1)
            }
        }
    }

    @Test(arguments: ["lost", "another namespace", "another collector"])
    func aMirrorMadeAnewAnswersVersionsOfTheOldOneWith410(_ change: String) async throws {
        var directory = try TemporaryDirectory("mirror")
        try await FakeCollector.with { collector in
            collector.add("web", "cpu", createdAt: Self.second, bytes: untimed)
            let version = try await MirrorFixture.with(collector.url, directory: directory.path) {
                fixture async throws in
                await fixture.poll()
                return fixture.api.store.currentVersion
            }
            if change == "lost" { directory = try TemporaryDirectory("mirror") }
            let url = change == "another collector" ? collector.url + "/" : collector.url
            // The clock of the store counts seconds: the new one begins in a later one.
            try await eventually("a second later") {
                Timestamp.now().seconds > Int64(version.rawValue / 1_000_000)
            }
            try await MirrorFixture.with(
                url, directory: directory.path, unscoped: change == "another namespace" ? "else" : "default"
            ) { fixture async throws in
                await fixture.poll()
                #expect(try await fixture.api.profileNames().count == 1)
                let stale = "\(TestAPI.all)?watch=1&resourceVersion=\(version)"
                #expect(try await fixture.api.send(.GET, stale).json.at("object/code")?.integerValue == 410)
                let page = "\(TestAPI.all)?limit=1&resourceVersion=\(version)&resourceVersionMatch=Exact"
                #expect(try await fixture.api.send(.GET, page).status == 410)
            }
        }
    }
}
