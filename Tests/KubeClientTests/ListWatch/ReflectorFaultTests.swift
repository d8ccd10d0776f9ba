import APIMachinery
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubeClient

/// What a list-watch does when things go wrong.
struct ReflectorFaultTests {
    private static let maps = ReflectorTests.maps

    /// Starts with one object, and waits for the watch.
    private func following(_ body: (ReflectorFixture) async throws -> Void) async throws {
        try await ReflectorFixture.with(before: { try $0.put(["data": ["v": "1"]], at: "\(Self.maps)/a") }) { fixture in
            await fixture.waitForCache(["a": "1"])
            await fixture.api.wait { $0.watchCount == 1 }
            try await body(fixture)
        }
    }

    @Test(arguments: [
        FakeKubeFault.status(403, .forbidden, message: "configmaps is forbidden"), .status(500), .garbage, .reset,
        .resetMidAnswer, .bytes(200, "{}"), .bytes(200, #"{"metadata":{"resourceVersion":"7"}}"#),
        .bytes(200, #"{"metadata":{"resourceVersion":7},"items":[]}"#),
        .bytes(200, #"{"metadata":{"resourceVersion":"7"},"items":{}}"#),
    ]) func aListThatFailsIsTriedAgainLaterAndLater(_ fault: FakeKubeFault) async throws {
        try await ReflectorFixture.with(before: { $0.fail(FakeKubeFaultRule(fault, path: Self.maps)) }) { fixture in
            await fixture.pass(.milliseconds(800))
            await fixture.pass(.milliseconds(1600))
            await fixture.clock.waitForSleepers(1)
            #expect(!fixture.cache.synced && fixture.cache.sinceContact == nil)
            #expect(fixture.reflector.lastFailure != nil)
            fixture.api.heal()
            await fixture.pass(.milliseconds(3200))
            await fixture.waitForCache([:])
            #expect(fixture.failures.withLockedValue { $0.count } == 3)
            // As soon as the watch is open, not when it ends.
            while fixture.reflector.lastFailure != nil { await Task.yield() }
            #expect(fixture.api.count(watch: true) == 1)
        }
    }

    /// conformance.md 2.1: the hint to the RoleBinding needs the 403.
    @Test func aFailureIsToldWithItsStatus() async throws {
        let fault = FakeKubeFault.status(403, .forbidden, message: "configmaps is forbidden")
        try await ReflectorFixture.with(before: { $0.fail(FakeKubeFaultRule(fault, path: Self.maps)) }) { fixture in
            await fixture.waitForFailures(1)
            let error = try #require(fixture.failures.withLockedValue { $0.first })
            #expect(error.status == 403 && error.reason == .forbidden)
        }
    }

    @Test func aServersWaitIsHeeded() async throws {
        try await ReflectorFixture.with(before: { $0.fail(FakeKubeFaultRule(.status(429, retryAfter: 9), times: 1)) }) {
            fixture in
            await fixture.pass(.seconds(9))
            await fixture.waitForCache([:])
        }
    }

    @Test func anExpiredWatchIsPrecededByAListFromTheStore() async throws {
        try await following { fixture in
            try fixture.put("b", "1")
            await fixture.waitForCache(["a": "1", "b": "1"])
            fixture.api.endWatches(.expired)
            await fixture.api.wait { fixture.lists.count == 2 && $0.watchCount == 1 }
            let list = try #require(fixture.lists.last)
            #expect(list["resourceVersion"] == nil && list["limit"] == "500")
            try fixture.put("a", "2")
            await fixture.waitForCache(["a": "2", "b": "1"])
        }
    }

    /// What happened while nobody watched is found by the list.
    @Test func whatWasMissedIsFoundByTheList() async throws {
        try await following { fixture in
            await fixture.api.goAway()
            try fixture.api.remove("\(Self.maps)/a")
            try fixture.put("b", "1")
            fixture.api.compact()
            try await fixture.api.comeBack()
            while fixture.cached != ["b": "1"] {
                if fixture.clock.sleeperCount > 0 { fixture.clock.advance(by: .seconds(60)) }
                await Task.yield()
            }
            #expect(fixture.cache.count == 1)
        }
    }

    @Test func aWatchThatIsExpiredFromItsStartIsNotAskedForInALoop() async throws {
        try await following { fixture in
            let error = #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"m"}}"#
            fixture.api.fail(FakeKubeFaultRule(.bytes(200, error + "\n"), watch: true))
            fixture.api.endWatches(.expired)
            // The first 410 is the course of things, from the second on they are waited out.
            await fixture.pass(.milliseconds(1600))
            await fixture.clock.waitForSleepers(1)
            #expect(fixture.lists.count == 3)
        }
    }

    @Test func aServerThatIsGoneAndComesBackIsResumed() async throws {
        try await following { fixture in
            await fixture.api.goAway()
            await fixture.clock.waitForSleepers(1)
            #expect(fixture.cached == ["a": "1"])
            try fixture.put("b", "1")
            try await fixture.api.comeBack()
            fixture.clock.advance(by: .seconds(60))
            await fixture.waitForCache(["a": "1", "b": "1"])
            // The watch went on where it was: no list.
            #expect(fixture.lists.count == 1)
        }
    }

    @Test(arguments: [FakeKubeWatchEnd.reset, .cutOff]) func aWatchThatBreaksIsResumed(_ end: FakeKubeWatchEnd)
        async throws
    {
        try await following { fixture in
            // Now its head is here too: before that the client itself would have asked once more.
            try fixture.put("b", "1")
            await fixture.waitForCache(["a": "1", "b": "1"])
            fixture.api.endWatches(end)
            await fixture.pass(.milliseconds(800))
            try fixture.put("c", "1")
            await fixture.waitForCache(["a": "1", "b": "1", "c": "1"])
            #expect(fixture.lists.count == 1)
        }
    }

    @Test(arguments: [
        "garbage\n", "{\"type\":\"ADDED\",\"object\":{}}\n", "{}\n", "{\"type\":\"NEWS\",\"object\":{}}\n", "\u{0}\n",
    ]) func garbageInAWatchIsFollowedByAList(_ bytes: String) async throws {
        try await following { fixture in
            fixture.api.sendOnWatches(bytes)
            await fixture.pass(.milliseconds(800))
            await fixture.api.wait { fixture.lists.count == 2 && $0.watchCount == 1 }
            #expect(fixture.lists.last?["resourceVersionMatch"] == "NotOlderThan")
            try fixture.put("b", "1")
            await fixture.waitForCache(["a": "1", "b": "1"])
        }
    }

    @Test(arguments: [(500, "NotOlderThan"), (504, nil), (400, nil)] as [(Int, String?)])
    func anErrorEventIsFollowedByAList(_ code: Int, _ match: String?) async throws {
        try await following { fixture in
            fixture.api.endWatches(.error(code, .internalError))
            await fixture.pass(.milliseconds(800))
            await fixture.api.wait { fixture.lists.count == 2 && $0.watchCount == 1 }
            #expect(fixture.lists.last?["resourceVersionMatch"] == match)
        }
    }

    /// What kube-apiserver's own trouble costs must not be lists from etcd.
    @Test(arguments: [500, 403, 429, 503]) func aFirstListThatFailsIsAskedOfTheCacheAgain(_ code: Int) async throws {
        try await ReflectorFixture.with(before: { $0.fail(FakeKubeFaultRule(.status(code), times: 1)) }) { fixture in
            await fixture.pass(.milliseconds(800))
            await fixture.waitForCache([:])
            #expect(fixture.lists.map { $0["resourceVersion"] } == ["0", "0"])
        }
    }

    @Test func tooManyRequestsResumeTheWatch() async throws {
        try await following { fixture in
            fixture.api.fail(FakeKubeFaultRule(.status(429, retryAfter: 2), watch: true, times: 1))
            fixture.clock.advance(by: .seconds(2))
            fixture.api.endWatches()
            await fixture.pass(.seconds(2))
            await fixture.api.wait { $0.watchCount == 1 }
            #expect(fixture.lists.count == 1)
        }
    }

    @Test func watchesThatEndAtOnceAreNotAskedForInALoop() async throws {
        try await following { fixture in
            fixture.api.fail(FakeKubeFaultRule(.bytes(200, ""), watch: true))
            fixture.api.endWatches()
            await fixture.pass(.milliseconds(800))
            await fixture.pass(.milliseconds(1600))
            await fixture.clock.waitForSleepers(1)
            fixture.api.heal()
            fixture.clock.advance(by: .seconds(60))
            try fixture.put("b", "1")
            await fixture.waitForCache(["a": "1", "b": "1"])
        }
    }

    @Test func aPagedListThatExpiresIsAskedForWhole() async throws {
        try await FakeKubeAPI.with { api in
            api.pagesFromCache = true
            for name in ["a", "b", "c"] { try api.put(["data": ["v": "1"]], at: "\(Self.maps)/\(name)") }
            let client = try KubeClient.make(api)
            let source = ListWatchSource(path: Self.maps, pageSize: 2)
            // The second page.
            api.fail(FakeKubeFaultRule(.status(410, .expired), skipping: 1, times: 1))
            let list = try await ObjectLister(client: client, source: source).list(.any)
            #expect(list.objects.count == 3)
            #expect(api.requests.last?.query["limit"] == nil && api.count() == 3)
        }
    }

    @Test func aTokenThatNeverEndsIsABadAnswer() async throws {
        try await FakeKubeAPI.with { api in
            let page = #"{"metadata":{"resourceVersion":"7","continue":"again"},"items":[]}"#
            api.fail(FakeKubeFaultRule(.bytes(200, page)))
            let lister = ObjectLister(client: try KubeClient.make(api), source: ListWatchSource(path: Self.maps))
            let error = await failure { () throws(KubeClientError) in _ = try await lister.list(.any) }
            #expect(error == KubeClientError(.badAnswer, ""))
            #expect(error?.message == "GET \(Self.maps): the list gives the same continue token again")
            #expect(api.count() == 2)
        }
    }

    @Test func nullItemsAreNone() async throws {
        try await FakeKubeAPI.with { api in
            api.fail(FakeKubeFaultRule(.bytes(200, #"{"metadata":{"resourceVersion":"7"},"items":null}"#)))
            let lister = ObjectLister(client: try KubeClient.make(api), source: ListWatchSource(path: Self.maps))
            let list = try await lister.list(.any)
            #expect(list.objects.isEmpty && list.version == "7")
        }
    }
}
