import APIMachinery
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubeClient

/// An elector on a fake kube-apiserver, and how often it led.
private struct Candidate {
    let elector: LeaderElector
    let begun = NIOLockedValueBox(0)
    let ended = NIOLockedValueBox(0)

    init(_ api: FakeKubeAPI, _ identity: String, _ clock: ManualClock) throws {
        let client = try KubeClient.make(api, clock: SteadyClock(clock))
        elector = LeaderElector(
            client: client,
            lease: LeaderElectionLease(namespace: "kube-system", name: "profefe", identity: identity),
            now: { Timestamp(seconds: 1_767_225_600) ?? .earliest }, logger: .silent)
    }

    func run() async {
        await elector.run { [begun, ended] in
            begun.withLockedValue { $0 += 1 }
            try? await Task.sleep(for: .seconds(3600))
            ended.withLockedValue { $0 += 1 }
        }
    }

    func waitUntilLed(_ times: Int = 1) async {
        while begun.withLockedValue({ $0 }) < times { await Task.yield() }
    }

    func waitUntilEnded(_ times: Int = 1) async {
        while ended.withLockedValue({ $0 }) < times { await Task.yield() }
    }
}

/// The tests that use no `fail` would run against a real kube-apiserver as well, with a real clock.
struct LeaderElectorTests {
    private static let path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/profefe"

    private func run(
        before: (FakeKubeAPI) throws -> Void = { _ in },
        _ body: (FakeKubeAPI, Candidate, ManualClock) async throws -> Void
    ) async throws {
        try await FakeKubeAPI.with { api in
            try before(api)
            let clock = ManualClock()
            let candidate = try Candidate(api, "a", clock)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await candidate.run() }
                defer { group.cancelAll() }
                try await body(api, candidate, clock)
            }
        }
    }

    private func spec(_ api: FakeKubeAPI) -> JSONValue? { api.object(at: Self.path)?["spec"] }

    private static func put(_ holder: String, _ api: FakeKubeAPI, renewed: String = "2026-01-01T00:00:00.000000Z")
        throws
    {
        try api.put(
            [
                "spec": [
                    "holderIdentity": .string(holder), "leaseDurationSeconds": 15, "leaseTransitions": 4,
                    "renewTime": .string(renewed),
                ]
            ], at: path)
    }

    private func waitForPause(_ pause: Duration, _ clock: ManualClock) async {
        while clock.pauses != [pause] { await Task.yield() }
    }

    private func pass(_ pause: Duration, _ clock: ManualClock) async {
        await waitForPause(pause, clock)
        clock.advance(by: pause)
    }

    @Test func aFreeLeaseIsTakenAndRenewed() async throws {
        try await run { api, candidate, clock in
            await candidate.waitUntilLed()
            #expect(candidate.elector.isLeader && candidate.elector.holder == "a")
            #expect(
                spec(api) == [
                    "acquireTime": "2026-01-01T00:00:00.000000Z", "leaseTransitions": 0, "holderIdentity": "a",
                    "leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.000000Z",
                ])
            let version = api.version
            for _ in 0..<5 { await pass(.seconds(2), clock) }
            await waitForPause(.seconds(2), clock)
            #expect(api.version != version)
            // A leader renews without a look.
            #expect(api.count("PUT", Self.path) == 5 && api.count("GET", Self.path) == 1)
            #expect(candidate.ended.withLockedValue { $0 } == 0)
        }
    }

    @Test func aLeaseOfNobodyIsTakenAtOnce() async throws {
        try await run(before: { try Self.put("", $0) }) { api, candidate, _ in
            await candidate.waitUntilLed()
            #expect(spec(api)?["leaseTransitions"] == 5)
        }
    }

    /// The holder's clock is a year ahead; what counts is that its renewals stop.
    @Test(arguments: ["2027-01-01T00:00:00.000000Z", "1999-01-01T00:00:00.000000Z", "soon"])
    func aLeaseIsTakenOnceNoRenewalIsSeen(_ renewed: String) async throws {
        try await run(before: { try Self.put("b", $0, renewed: renewed) }) { api, candidate, clock in
            for _ in 0..<7 { await pass(.seconds(2), clock) }
            await waitForPause(.seconds(2), clock)
            #expect(!candidate.elector.isLeader && candidate.elector.holder == "b")
            clock.advance(by: .seconds(2))
            await candidate.waitUntilLed()
            #expect(spec(api)?["holderIdentity"] == "a" && spec(api)?["leaseTransitions"] == 5)
        }
    }

    @Test func aLeaseThatIsRenewedIsNotTaken() async throws {
        try await run(before: { try Self.put("b", $0) }) { api, candidate, clock in
            for round in 0..<20 {
                await waitForPause(.seconds(2), clock)
                try Self.put("b", api, renewed: "2026-01-01T00:00:\(10 + round).000000Z")
                clock.advance(by: .seconds(2))
            }
            await waitForPause(.seconds(2), clock)
            #expect(candidate.begun.withLockedValue { $0 } == 0)
        }
    }

    @Test func aLeaderThatCantRenewStepsDownInTimeAndLeadsAgain() async throws {
        try await run { api, candidate, clock in
            await candidate.waitUntilLed()
            api.fail(FakeKubeFaultRule(.status(500)))
            for _ in 0..<4 { await pass(.seconds(2), clock) }
            await waitForPause(.seconds(2), clock)
            #expect(candidate.elector.isLeader)
            clock.advance(by: .seconds(2))
            await candidate.waitUntilEnded()
            #expect(!candidate.elector.isLeader)
            await waitForPause(.seconds(2), clock)
            api.heal()
            clock.advance(by: .seconds(2))
            await candidate.waitUntilLed(2)
            #expect(candidate.elector.isLeader && spec(api)?["leaseTransitions"] == 0)
        }
    }

    @Test func aLeaderWhoseServerHangsStepsDownInTime() async throws {
        try await run { api, candidate, clock in
            await candidate.waitUntilLed()
            api.fail(FakeKubeFaultRule(.hang))
            await pass(.seconds(2), clock)
            await pass(.seconds(8), clock)
            await candidate.waitUntilEnded()
            #expect(!candidate.elector.isLeader)
        }
    }

    @Test func aLeaderWhoseServerIsGoneStepsDownInTime() async throws {
        try await run { api, candidate, clock in
            await candidate.waitUntilLed()
            await api.goAway()
            for _ in 0..<5 { await pass(.seconds(2), clock) }
            await candidate.waitUntilEnded()
            try await api.comeBack()
            await waitForPause(.seconds(2), clock)
            clock.advance(by: .seconds(2))
            await candidate.waitUntilLed(2)
        }
    }

    /// The process or its machine was stopped: others may lead already.
    @Test func aLeaderWhoseClockJumpsIsNoneAtOnce() async throws {
        try await run { api, candidate, clock in
            await candidate.waitUntilLed()
            await waitForPause(.seconds(2), clock)
            try Self.put("b", api)
            let requests = api.count()
            clock.advance(by: .seconds(60))
            #expect(!candidate.elector.isLeader)
            await candidate.waitUntilEnded()
            await waitForPause(.seconds(2), clock)
            // It didn't write over the other's lease.
            #expect(api.count("PUT") == 0 && api.count() == requests + 1)
            #expect(spec(api)?["holderIdentity"] == "b")
        }
    }

    @Test func whoeverTookTheLeaseHasIt() async throws {
        try await run { api, candidate, clock in
            await candidate.waitUntilLed()
            await waitForPause(.seconds(2), clock)
            try Self.put("b", api)
            clock.advance(by: .seconds(2))
            await candidate.waitUntilEnded()
            #expect(!candidate.elector.isLeader)
            await waitForPause(.seconds(2), clock)
            #expect(candidate.elector.holder == "b" && spec(api)?["holderIdentity"] == "b")
        }
    }

    @Test func aWriteBySomebodyElseIsNoLoss() async throws {
        try await run { api, candidate, clock in
            await candidate.waitUntilLed()
            await waitForPause(.seconds(2), clock)
            // An annotation, for example: the version moves, the holder stays.
            var lease = try #require(api.object(at: Self.path)?.objectValue)
            lease["metadata"] = ["annotations": ["a": "b"]]
            try api.put(.object(lease), at: Self.path)
            clock.advance(by: .seconds(2))
            await waitForPause(.seconds(2), clock)
            #expect(candidate.elector.isLeader && candidate.ended.withLockedValue { $0 } == 0)
            #expect(api.object(at: Self.path)?["metadata"]?["annotations"] == ["a": "b"])
        }
    }

    @Test func aLeaseIsGivenBack() async throws {
        try await FakeKubeAPI.with { api in
            let clock = ManualClock()
            let first = try Candidate(api, "a", clock)
            let task = Task { await first.run() }
            await first.waitUntilLed()
            task.cancel()
            await task.value
            #expect(!first.elector.isLeader && first.ended.withLockedValue { $0 } == 1)
            #expect(spec(api)?["holderIdentity"] == "" && spec(api)?["leaseDurationSeconds"] == 1)
            let second = try Candidate(api, "b", clock)
            let other = Task { await second.run() }
            await second.waitUntilLed()
            #expect(spec(api)?["holderIdentity"] == "b")
            other.cancel()
            await other.value
        }
    }

    private static func start(_ candidates: [Candidate]) -> [Task<Void, Never>] {
        var tasks: [Task<Void, Never>] = []
        for candidate in candidates { tasks.append(Task { await candidate.run() }) }
        return tasks
    }

    private static func leaders(_ candidates: [Candidate]) -> Int { candidates.count { $0.elector.isLeader } }

    @Test func ofManyOneLeads() async throws {
        let api = try await FakeKubeAPI.start()
        let clock = ManualClock()
        let candidates = [
            try Candidate(api, "a", clock), try Candidate(api, "b", clock), try Candidate(api, "c", clock),
        ]
        let tasks = Self.start(candidates)
        while Self.leaders(candidates) == 0 { await Task.yield() }
        for _ in 0..<20 {
            while clock.pauses != [.seconds(2), .seconds(2), .seconds(2)] { await Task.yield() }
            #expect(Self.leaders(candidates) == 1)
            clock.advance(by: .seconds(2))
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        let begun = candidates.reduce(0) { $0 + $1.begun.withLockedValue { $0 } }
        await api.goAway()
        #expect(begun == 1)
    }
}
