import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import APIServer

/// The refusing phase of the shutdown (conformance 14.1), and GOAWAY for balance (T13).
struct ShutdownGateTests {
    static let thing = "/apis/g/v1/things/a"

    @Test(arguments: [
        (HTTPMethod.GET, thing), (.POST, "/apis/g/v1/things"), (.GET, "/apis/g/v1/things?watch=1"), (.GET, "/x"),
    ])
    func refusesNewRequests(_ method: HTTPMethod, _ target: String) async throws {
        let gate = ShutdownGate()
        let fixture = ChainFixture(gate: gate)
        #expect(try await fixture.send(method, target).header("connection") == nil)
        gate.refuse()
        let answer = try await fixture.send(method, target)
        #expect(answer.status == .tooManyRequests)
        #expect(answer.header("retry-after") == "5")
        #expect(answer.header("connection") == "close")
        #expect(answer.json?["reason"]?.stringValue == "TooManyRequests")
        #expect(isEmpty(fixture.registry))
    }

    /// No long-running request is counted any more.
    private func isEmpty(_ registry: MetricsRegistry) -> Bool {
        registry.exposition().split(separator: "\n").filter { $0.hasPrefix("apiserver_longrunning_requests{") }
            .allSatisfy { $0.hasSuffix(" 0") }
    }

    @Test(arguments: [
        ("/livez", "x"), ("/readyz", "x"), ("/healthz/ping", "x"), ("/metrics", "x"), ("/apis", "x"),
        ("/apis/g/v1", "x"),
        ("/openapi/v2", "x"), ("/version", "x"), (thing, "kube-apiserver/v1.36.0 (linux/amd64)"),
    ])
    func healthDiscoveryAndKubeAPIServerAreExempt(_ target: String, _ agent: String) async throws {
        let gate = ShutdownGate()
        gate.refuse()
        #expect(try await ChainFixture(gate: gate).send(.GET, target, headers: ["User-Agent": agent]).status == .ok)
    }

    @Test func isIdleWhenTheLastRequestHasEnded() async throws {
        let gate = ShutdownGate()
        await gate.whenIdle()
        let (stream, release) = AsyncStream.makeStream(of: Void.self)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let order = NIOLockedValueBox<[String]>([])
        let fixture = ChainFixture(gate: gate) { _ in
            enter.yield()
            for await _ in stream { break }
            order.withLockedValue { $0.append("answered") }
            return .text("")
        }
        async let answer = fixture.send(.GET, Self.thing)
        for await _ in entered { break }
        gate.refuse()
        async let idle: Void = {
            await gate.whenIdle()
            order.withLockedValue { $0.append("idle") }
        }()
        // A watch doesn't count, and neither does what is refused.
        _ = try await fixture.send(.GET, Self.thing)
        release.yield()
        _ = try await answer
        await idle
        #expect(order.withLockedValue { $0 } == ["answered", "idle"])
    }

    @Test func waitingCanBeCancelled() async throws {
        let gate = ShutdownGate()
        var exchange = Exchange(
            http: ChainFixture().request(.GET, Self.thing), auditID: "a")
        exchange.context = RequestContext(
            info: try AuditPolicyTests.info(Self.thing), query: QueryItems(), auditID: "a", deadline: .distantFuture)
        try gate.enter(&exchange)
        let task = Task { await gate.whenIdle() }
        task.cancel()
        await task.value
        gate.leave()
        await gate.whenIdle()
    }

    // MARK: GOAWAY

    @Test(arguments: [
        (0.019, HTTPVersion.http2, true), (0.02, .http2, false), (0.5, .http2, false), (0, .http1_1, false),
        (0, .http1_0, false),
    ])
    func sendsSomeHTTP2ConnectionsAway(_ drawn: Double, _ version: HTTPVersion, _ expected: Bool) {
        let chance = GoAwayChance(0.02, random: { drawn })
        #expect(chance?.strikes(HTTPTransport.HTTPRequestHead(method: .GET, target: "/", version: version)) == expected)
    }

    @Test func aChanceOfZeroIsNone() { #expect(GoAwayChance(0) == nil) }

    @Test func theAnswerAsksTheTransportToSendAway() async throws {
        var configuration = HandlerChainConfiguration()
        configuration.goAwayChance = 1
        #expect(try await ChainFixture(configuration: configuration).send(.GET, "/x").header("connection") == "close")
        #expect(try await ChainFixture().send(.GET, "/x").header("connection") == nil)
    }

    // MARK: watches

    @Test func theEndsOfWatchesAreSpread() async {
        let signal = DrainSignal()
        let clock = ManualClock()
        let ended = NIOLockedValueBox(0)
        for _ in 0..<120 { _ = signal.onDrain { ended.withLockedValue { $0 += 1 } } }
        async let draining: Void = signal.drain(over: .seconds(5), clock: clock)
        var seen: [Int] = []
        for _ in 0..<49 {
            await clock.waitForSleepers(1)
            seen.append(ended.withLockedValue { $0 })
            clock.advance(by: .milliseconds(100))
        }
        await draining
        #expect(ended.withLockedValue { $0 } == 120)
        #expect(seen.first == 2 && seen.last == 117)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { (2...3).contains($1 - $0) })
        let late = NIOLockedValueBox(false)
        _ = signal.onDrain { late.withLockedValue { $0 = true } }
        #expect(late.withLockedValue { $0 })
    }

    @Test(arguments: [0, 1, 3])
    func fewWatchesEndTooAndNoneCostNoTime(_ count: Int) async {
        let signal = DrainSignal()
        let ended = NIOLockedValueBox(0)
        for _ in 0..<count { _ = signal.onDrain { ended.withLockedValue { $0 += 1 } } }
        await signal.drain(over: .seconds(5), clock: InstantClock())
        #expect(ended.withLockedValue { $0 } == count)
        #expect(signal.isDraining)
    }
}
