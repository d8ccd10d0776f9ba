import APIMachinery
import KubeClient
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import APIServer

struct ObjectCountQuotaTests {
    private let quotas = ObjectCache<KubeResourceQuota>()
    private let objects = NIOLockedValueBox(0)
    private let counted = NIOLockedValueBox(0)

    private var plugin: ObjectCountQuota {
        ObjectCountQuota(quotas: quotas, clock: InstantClock()) {
            [objects, counted] resource, namespace throws(StatusError) in
            #expect(resource.description == "profilecaptures.profefe.io" && namespace == "prod")
            counted.withLockedValue { $0 += 1 }
            return objects.withLockedValue { $0 }
        }
    }

    /// A clock whose pauses only let others run.
    struct InstantClock: Clock {
        typealias Instant = ContinuousClock.Instant
        var now: Instant { ContinuousClock.now }
        var minimumResolution: Duration { .zero }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private func attributes(dryRun: Bool = false, resource: String = "profilecaptures") -> AdmissionAttributes {
        AdmissionAttributes(
            user: UserInfo(name: "alice"), resource: GroupResource(group: "profefe.io", resource: resource),
            namespace: "prod", name: "c1", isDryRun: dryRun)
    }

    private func quota(
        _ name: String, _ hard: [String: String], namespace: String = "prod", spec: JSONObject = JSONObject()
    ) throws {
        var spec = spec
        spec["hard"] = .object(JSONObject(hard.map { ($0.key, .string($0.value)) }))
        let json: JSONValue = [
            "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": .object(spec),
        ]
        let quota = try #require(KubeResourceQuota(json))
        quotas.set(quota.key, quota)
    }

    private static let count = "count/profilecaptures.profefe.io"

    private func refusal(_ attributes: AdmissionAttributes) async -> StatusError? {
        do throws(StatusError) {
            try await plugin.admit(attributes)?.end()
            return nil
        } catch {
            return error
        }
    }

    /// A03: the words of kube-apiserver.
    @Test func whatExceedsAQuotaIsForbidden() async throws {
        quotas.replace([])
        try quota("q2", [Self.count: "1000", "count/profiles.profefe.io": "0", "pods": "0"])
        try quota("q1", [Self.count: "2"])
        objects.withLockedValue { $0 = 1 }
        #expect(await refusal(attributes()) == nil)
        objects.withLockedValue { $0 = 2 }
        let refusal = try #require(await refusal(attributes()))
        #expect(refusal.code == 403 && refusal.reason == .forbidden)
        #expect(
            refusal.message
                == #"profilecaptures.profefe.io "c1" is forbidden: exceeded quota: q1, requested: count/profilecaptures.profefe.io=1, used: count/profilecaptures.profefe.io=2, limited: count/profilecaptures.profefe.io=2"#
        )
        #expect(await self.refusal(attributes(dryRun: true))?.code == 403)
    }

    @Test func countsOnlyWhereAQuotaSaysSo() async throws {
        quotas.replace([])
        try quota("elsewhere", [Self.count: "0"], namespace: "other")
        try quota("pods", ["pods": "0", "count/profiles.profefe.io": "0"])
        try quota("scoped", [Self.count: "0"], spec: JSONObject([("scopes", ["BestEffort"])]))
        try quota("garbage", [Self.count: "many"])
        #expect(await refusal(attributes()) == nil)
        var clusterScope = attributes()
        clusterScope.namespace = ""
        #expect(await refusal(clusterScope) == nil)
        #expect(counted.withLockedValue { $0 } == 0)
    }

    @Test func beforeQuotasAreKnownNothingIsCreated() async throws {
        let refusal = try #require(await refusal(attributes()))
        #expect(refusal.code == 503 && refusal.retryAfterSeconds == 1)
    }

    /// Many at a time: exactly as many as there is room for, never one more, and none refused for nothing.
    @Test func underARushExactlyTheQuotaIsReached() async throws {
        quotas.replace([])
        try quota("q", [Self.count: "50"])
        let chain = AdmissionChain([plugin])
        let created = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<120 {
                group.addTask { [objects] in
                    do {
                        try await chain.creating(attributes()) {
                            for _ in 0..<Int.random(in: 0...5) { await Task.yield() }
                            objects.withLockedValue { $0 += 1 }
                            await Task.yield()
                        }
                        return true
                    } catch {
                        #expect((error as? StatusError)?.code == 403)
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(created == 50)
        #expect(objects.withLockedValue { $0 } == 50)
    }

    /// A creation that failed gives its place back.
    @Test func whatWasNotCreatedCountsNothing() async throws {
        quotas.replace([])
        try quota("q", [Self.count: "1"])
        let chain = AdmissionChain([plugin])
        struct Trouble: Error {}
        for _ in 0..<3 {
            await #expect(throws: Trouble.self) { try await chain.creating(attributes()) { throw Trouble() } }
        }
        try await chain.creating(attributes()) { objects.withLockedValue { $0 += 1 } }
        await #expect(throws: StatusError.self) { try await chain.creating(attributes()) {} }
    }

    // MARK: quantities

    @Test(
        arguments: [
            ("100", 100), ("0", 0), ("+5", 5), ("-5", -5), ("2k", 2000), ("1Ki", 1024), ("1.5k", 1500), ("1.5", 1),
            ("5e2", 500), ("5E2", 500), ("5e-1", 0), ("500m", 0), ("3000m", 3), ("2M", 2_000_000), (".5k", 500),
            ("5.", 5), ("1E", 1_000_000_000_000_000_000), ("100E", Int.max), ("-100E", Int.min), ("0.1Ki", 102),
        ])
    func readsQuantities(_ text: String, _ floor: Int) {
        #expect(Quantity(text)?.floor == floor)
        #expect(Quantity(text)?.text == text)
    }

    @Test(arguments: [
        "", "k", ".", "-", "1.2.3", "1x", "1 k", "--1", "+-1", "1e", "1e100", "1kk", "0x10", "inf", "nan", "1e1.5", "é",
        "1e-", "5e999999999999999999999",
    ])
    func refusesQuantities(_ text: String) { #expect(Quantity(text) == nil) }

    @Test func mutatedQuantitiesTrapNothing() {
        var random = SeededRandom(seed: 12)
        for seed in ["1234567890Ki", "-1.5e10", "100E"] {
            for _ in 0..<3000 {
                _ = Quantity(String(decoding: random.mutate(Array(seed.utf8)), as: UTF8.self))
            }
        }
    }
}
