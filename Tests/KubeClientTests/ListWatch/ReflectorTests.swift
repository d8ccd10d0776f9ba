import APIMachinery
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubeClient

/// What a list-watch does. The tests without faults would run against a real kube-apiserver as well.
struct ReflectorTests {
    static let maps = "/api/v1/namespaces/default/configmaps"

    // MARK: the course of things

    @Test func aCollectionIsListedAndThenFollowed() async throws {
        try await ReflectorFixture.with { fixture in
            await fixture.waitForCache([:])
            try fixture.put("a", "1")
            await fixture.waitForCache(["a": "1"])
            try fixture.put("b", "1")
            try fixture.put("a", "2")
            await fixture.waitForCache(["a": "2", "b": "1"])
            try fixture.api.remove("\(Self.maps)/a")
            await fixture.waitForCache(["b": "1"])
            #expect(fixture.cache.count == 1)
            #expect(
                fixture.lists.map(\.items) == [
                    [.init(name: "limit", value: "500"), .init(name: "resourceVersion", value: "0")]
                ])
            let watch = try #require(fixture.watches.first)
            #expect(watch["allowWatchBookmarks"] == "true" && watch["timeoutSeconds"] == "300")
            #expect(fixture.watches.count == 1)
            #expect(fixture.failures.withLockedValue { $0 } == [])
        }
    }

    @Test func whatWasThereBeforeIsListed() async throws {
        try await ReflectorFixture.with(before: { api in
            try api.put(["data": ["v": "1"]], at: "\(Self.maps)/a")
            try api.put(["data": ["v": "2"]], at: "/api/v1/namespaces/kube-system/configmaps/a")
        }) { fixture in
            await fixture.waitForCache(["a": "1"])
            #expect(fixture.cache.count == 1)
        }
    }

    @Test func anObjectThatDecodesToNothingIsLeftOut() async throws {
        try await ReflectorFixture.with { fixture in
            try fixture.put("a", "1")
            try fixture.put("b", nil)
            await fixture.waitForCache(["a": "1"])
            // It was something before: now it is gone.
            try fixture.put("a", nil)
            try fixture.put("c", "1")
            await fixture.waitForCache(["c": "1"])
        }
    }

    /// The Role of conformance.md 2.1 allows a list and a watch of that one name only.
    @Test func selectorsGoWithListAndWatch() async throws {
        let source = ListWatchSource(path: Self.maps, fieldSelector: "metadata.name=a", labelSelector: "x=y")
        try await ReflectorFixture.with(source: source) { fixture in
            try fixture.put("b", "1")
            let object: JSONValue = ["metadata": ["labels": ["x": "y"]], "data": ["v": "1"]]
            try fixture.api.put(object, at: "\(Self.maps)/a")
            await fixture.waitForCache(["a": "1"])
            for query in fixture.lists + fixture.watches {
                #expect(query["fieldSelector"] == "metadata.name=a" && query["labelSelector"] == "x=y")
            }
            // It no longer fits.
            try fixture.put("a", "2")
            await fixture.waitForCache([:])
        }
    }

    @Test func aListComesInPages() async throws {
        let source = ListWatchSource(path: Self.maps, pageSize: 2)
        try await ReflectorFixture.with(
            source: source,
            before: { api in
                api.pagesFromCache = true
                for name in ["a", "b", "c"] { try api.put(["data": ["v": "1"]], at: "\(Self.maps)/\(name)") }
            }
        ) { fixture in
            await fixture.waitForCache(["a": "1", "b": "1", "c": "1"])
            let lists = fixture.lists
            #expect(lists.count == 2)
            #expect(lists.first?["limit"] == "2" && lists.last?["limit"] == "2")
            #expect(lists.last?["continue"]?.isEmpty == false && lists.last?["resourceVersion"] == nil)
            try fixture.put("d", "1")
            await fixture.waitForCache(["a": "1", "b": "1", "c": "1", "d": "1"])
        }
    }

    @Test func aWatchThatEndsIsResumedAfterTheLastEvent() async throws {
        try await ReflectorFixture.with { fixture in
            await fixture.waitForCache([:])
            try fixture.put("a", "1")
            await fixture.waitForCache(["a": "1"])
            let version = fixture.api.version
            fixture.api.endWatches()
            await fixture.api.wait { _ in fixture.watches.count == 2 }
            #expect(fixture.watches.last?["resourceVersion"] == version)
            try fixture.put("a", "2")
            await fixture.waitForCache(["a": "2"])
            #expect(fixture.lists.count == 1)
            #expect(fixture.failures.withLockedValue { $0 } == [])
        }
    }

    @Test func aWatchIsResumedAfterTheLastBookmark() async throws {
        try await ReflectorFixture.with { fixture in
            await fixture.waitForCache([:])
            await fixture.api.wait { $0.watchCount == 1 }
            // Writes that this watch doesn't see move the version on.
            try fixture.api.putNamespace("other")
            let version = fixture.api.version
            fixture.api.sendBookmarks()
            fixture.api.endWatches()
            await fixture.api.wait { _ in fixture.watches.count == 2 }
            #expect(fixture.watches.last?["resourceVersion"] == version)
        }
    }

    @Test func theListIsAskedForAnewAfterHalfADay() async throws {
        try await ReflectorFixture.with { fixture in
            await fixture.waitForCache([:])
            await fixture.api.wait { $0.watchCount == 1 }
            fixture.clock.advance(by: .seconds(12 * 3600))
            fixture.api.endWatches()
            await fixture.api.wait { _ in fixture.lists.count == 2 && fixture.watches.count == 2 }
            let list = try #require(fixture.lists.last)
            #expect(list["resourceVersionMatch"] == "NotOlderThan" && list["limit"] == nil)
        }
    }

    @Test func watchesOfManyDontEndAtOnce() async throws {
        try await ReflectorFixture.with(chance: 0.5) { fixture in
            await fixture.api.wait { _ in fixture.watches.count == 1 }
            #expect(fixture.watches.first?["timeoutSeconds"] == "450")
        }
    }

    @Test func aCancelledRunEnds() async throws {
        try await FakeKubeAPI.with { api in
            let fixture = try ReflectorFixture(api, ListWatchSource(path: Self.maps)) {}
            let task = Task { await fixture.reflector.run() }
            await api.wait { $0.watchCount == 1 }
            task.cancel()
            await task.value
            await api.wait { $0.watchCount == 0 }
            #expect(fixture.failures.withLockedValue { $0 } == [])
        }
    }

    @Test func theCacheSaysHowOldItIs() async throws {
        try await ReflectorFixture.with { fixture in
            #expect(!fixture.cache.synced || fixture.cache.sinceContact != nil)
            await fixture.waitForCache([:])
            await fixture.api.wait { $0.watchCount == 1 }
            fixture.clock.advance(by: .seconds(100))
            while fixture.cache.sinceContact != .seconds(100) { await Task.yield() }
            fixture.api.sendBookmarks()
            while fixture.cache.sinceContact != .zero { await Task.yield() }
        }
    }
}
