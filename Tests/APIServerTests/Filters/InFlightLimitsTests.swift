import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// S02
struct InFlightLimitsTests {
    /// A chain with one place of each kind, both taken by requests that wait for the gate.
    struct Crowded {
        let fixture: ChainFixture
        private let gate = AsyncStream.makeStream(of: Void.self)
        private let entered = AsyncStream.makeStream(of: Void.self)

        init() {
            var configuration = HandlerChainConfiguration()
            configuration.maxRequestsInFlight = 1
            configuration.maxMutatingRequestsInFlight = 1
            fixture = ChainFixture(configuration: configuration) { [gate, entered] request in
                if request.http.head.headers.contains(name: "x-hold") {
                    entered.continuation.yield()
                    for await _ in gate.stream { break }
                }
                return .text("fine")
            }
        }

        /// Runs `body` while a request holds a place.
        func whileHeld(_ method: HTTPMethod, _ target: String, _ body: () async throws -> Void) async throws -> Answer {
            async let held = fixture.send(method, target, headers: ["x-hold": "1", "x-test-user": "alice"])
            var arrivals = entered.stream.makeAsyncIterator()
            _ = await arrivals.next()
            try await body()
            gate.continuation.yield()
            return try await held
        }
    }

    @Test(arguments: [
        (HTTPMethod.GET, "/apis/g/v1/things"), (.POST, "/apis/g/v1/things"), (.DELETE, "/apis/g/v1/things/a"),
    ])
    func refusesWhatIsOverTheLimit(_ method: HTTPMethod, _ target: String) async throws {
        let crowded = Crowded()
        let held = try await crowded.whileHeld(method, target) {
            let answer = try await crowded.fixture.send(method, target, headers: ["x-test-user": "bob"])
            #expect(answer.status == .tooManyRequests)
            #expect(answer.header("retry-after") == "1")
            #expect(answer.json?["message"]?.stringValue == "Too many requests, please try again later.")
            #expect(answer.json?["reason"]?.stringValue == "TooManyRequests")
        }
        #expect(held.status == .ok)
        // The place is free again.
        #expect(try await crowded.fixture.send(method, target).status == .ok)
        let text = crowded.fixture.registry.exposition()
        #expect(text.contains("apiserver_request_terminations_total{") && text.contains(#"code="429"} 1"#))
    }

    @Test func countsReadersAndWritersApart() async throws {
        let crowded = Crowded()
        _ = try await crowded.whileHeld(.GET, "/apis/g/v1/things") {
            let status1 = try await crowded.fixture.send(.POST, "/apis/g/v1/things").status
            #expect(status1 == .ok)
            let status2 = try await crowded.fixture.send(.GET, "/apis/g/v1/things").status
            #expect(status2 == .tooManyRequests)
        }
        let text = crowded.fixture.registry.exposition()
        #expect(text.contains(#"apiserver_current_inflight_requests{request_kind="readOnly"} 1"#))
        #expect(text.contains(#"apiserver_current_inflight_requests{request_kind="mutating"} 1"#))
        // A high-water mark since it was last asked.
        #expect(crowded.fixture.registry.exposition().contains(#"inflight_requests{request_kind="readOnly"} 0"#))
    }

    @Test(arguments: [
        ("/apis/g/v1/things", "root,system:masters"), ("/apis/g/v1/things?watch=1", "bob"),
        ("/apis/g/v1/things/a/log", "bob"), ("/livez", "bob"), ("/readyz", "bob"), ("/healthz", "bob"),
    ])
    func neverRefusesTheExempt(_ target: String, _ user: String) async throws {
        let crowded = Crowded()
        _ = try await crowded.whileHeld(.GET, "/apis/g/v1/things") {
            let status3 = try await crowded.fixture.send(.GET, target, headers: ["x-test-user": user]).status
            #expect(status3 == .ok)
        }
    }

    @Test func healthPathsBelowAreNotExempt() async throws {
        let crowded = Crowded()
        _ = try await crowded.whileHeld(.GET, "/apis/g/v1/things") {
            let status4 = try await crowded.fixture.send(.GET, "/readyz/ping").status
            #expect(status4 == .tooManyRequests)
        }
    }
}
