import APIMachinery
import HTTPTransport
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

struct DeadlineTests {
    /// Sends, lets the endpoint hang, advances the clock when it does, and gives the answer.
    static func late(
        _ fixture: ChainFixture, _ method: HTTPMethod, _ target: String, after time: TimeAmount
    ) async throws -> Answer {
        let sink = RecordingSink()
        let request = fixture.request(method, target)
        async let handled: Void = fixture.chain.handle(request, ResponseWriter(sink: sink))
        await fixture.clock.waitForSleeper()
        fixture.clock.advance(by: time)
        let answer = try await sink.value()
        await handled
        return answer
    }

    /// Hangs until its task is cancelled.
    @Sendable static func hang() async throws {
        let stream = AsyncStream<Never> { _ in }
        for await _ in stream {}
        throw CancellationError()
    }

    static let cases: [(HTTPMethod, String, Int64)] = [
        (.GET, "/apis/g/v1/things/a", 60_000), (.GET, "/apis/g/v1/things/a?timeout=3s", 3_000),
        (.GET, "/apis/g/v1/things/a?timeout=0s", 60_000), (.GET, "/apis/g/v1/things/a?timeout=2m", 60_000),
        (.GET, "/apis/g/v1/things/a?timeout=-1s", 60_000), (.GET, "/apis/g/v1/things/a?timeout=", 60_000),
        (.POST, "/apis/g/v1/things", 34_000), (.DELETE, "/apis/g/v1/things/a", 34_000),
        (.POST, "/apis/g/v1/things?timeout=40s", 34_000), (.POST, "/apis/g/v1/things?timeout=1500ms", 1_500),
        (.GET, "/metrics", 60_000),
    ]

    @Test(arguments: cases)
    func endsARequestAtItsDeadline(_ method: HTTPMethod, _ target: String, _ milliseconds: Int64) async throws {
        let fixture = ChainFixture { _ in
            try await Self.hang()
            return .text("never")
        }
        let answer = try await Self.late(fixture, method, target, after: .milliseconds(milliseconds))
        #expect(answer.status == .gatewayTimeout)
        #expect(
            answer.text
                == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}"#
        )
        #expect(answer.header("audit-id") != nil)
    }

    @Test(arguments: cases)
    func doesNotEndItBefore(_ method: HTTPMethod, _ target: String, _ milliseconds: Int64) async throws {
        let target = try RequestTarget(target)
        let query = QueryItems(parsing: target.query ?? "")
        let info = try RequestInfo(method: method, target: target, query: query)
        let policy = DeadlinePolicy(requestTimeout: .seconds(60), mutatingTimeout: .seconds(34))
        let start = NIODeadline.uptimeNanoseconds(5)
        #expect(try policy.deadline(of: info, query: query, from: start) == start + .milliseconds(milliseconds))
    }

    @Test(arguments: ["x", "5", "1s2", "1e9s", "99999999999999999999h", "s"])
    func refusesAMalformedTimeout(_ text: String) async throws {
        let answer = try await ChainFixture().send(.GET, "/apis/g/v1/things?timeout=\(text)")
        #expect(answer.status == .badRequest)
        let message = answer.json?["message"]?.stringValue ?? ""
        #expect(message.hasPrefix("invalid timeout specified in the request URL - "))
    }

    @Test(arguments: ["/apis/g/v1/things?watch=1&timeout=1s", "/apis/g/v1/things/a/log", "/apis/g/v1/things/a/proxy/x"])
    func leavesLongRunningRequestsAlone(_ target: String) async throws {
        let deadline = NIOLockedValueBox<NIODeadline?>(nil)
        let fixture = ChainFixture { request in
            deadline.withLockedValue { $0 = request.deadline }
            return .text("")
        }
        _ = try await fixture.send(.GET, target)
        #expect(deadline.withLockedValue { $0 } == .distantFuture)
    }

    @Test func aHandlerThatDoesntSuspendStartsNoTimer() async throws {
        let sleepers = NIOLockedValueBox(0)
        let fixture = ChainFixture()
        let clock = fixture.clock
        let counting = RequestClock(now: { clock.now }) { _ in sleepers.withLockedValue { $0 += 1 } }
        let value = await DeadlineRace.run(until: clock.now + .seconds(1), clock: counting) { 7 }
        #expect(value == 7)
        #expect(sleepers.withLockedValue { $0 } == 0)
    }

    @Test func answersAtOnceThoughTheHandlerDoesNotListen() async throws {
        let gate = AsyncStream.makeStream(of: Void.self)
        let fixture = ChainFixture { _ in
            // Deaf to cancellation, until the gate opens.
            await Task { for await _ in gate.stream { break } }.value
            return .text("late")
        }
        let sink = RecordingSink()
        let request = fixture.request(.GET, "/apis/g/v1/things/a")
        async let handled: Void = fixture.chain.handle(request, ResponseWriter(sink: sink))
        await fixture.clock.waitForSleeper()
        fixture.clock.advance(by: .seconds(60))
        #expect(try await sink.value().status == .gatewayTimeout)
        gate.continuation.yield()
        await handled
        #expect(
            fixture.registry.exposition().contains(
                #"apiserver_request_terminations_total{verb="GET",group="g",version="v1",resource="things",subresource="",scope="resource",component="apiserver",code="504"} 1"#
            ))
    }

    @Test func resetsAStreamAtTheDeadline() async throws {
        let fixture = ChainFixture { _ in
            APIResponse(
                body: .stream { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    try await Self.hang()
                })
        }
        let answer = try await Self.late(fixture, .GET, "/apis/g/v1/things", after: .seconds(60))
        #expect(answer.status == .ok)
        #expect(answer.text == "begun")
        #expect(answer.aborted)
        #expect(fixture.log.lines.contains { $0.contains("answer broke off") })
    }

    @Test func logsSlowRequests() async throws {
        let fixture = ChainFixture()
        let clock = fixture.clock
        let sink = RecordingSink()
        let request = fixture.request(.GET, "/apis/g/v1/things/a")
        clock.advance(by: .milliseconds(1001))
        await fixture.chain.handle(request, ResponseWriter(sink: sink))
        #expect(try await sink.value().status == .ok)
        #expect(fixture.log.lines.count == 1)
        #expect(fixture.log.lines[0].contains(#""slow request""#))
        #expect(fixture.log.lines[0].contains(#"latency="1001.000ms""#))
    }

    @Test func doesNotLogQuickOnes() async throws {
        let fixture = ChainFixture()
        _ = try await fixture.send(.GET, "/apis/g/v1/things/a")
        #expect(fixture.log.lines.isEmpty)
    }
}
