import APIMachinery
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// H03: what the steps of the chain and the watches count, under kube-apiserver's names.
struct StepMetricsTests {
    @Test(
        arguments: [
            ("alice,dev", "success", "other"), ("bad", "error", nil), ("admin", "success", "admin"),
            ("a@example.com", "success", "email_id"), ("system:serviceaccount:prod:web", "success", "other"),
        ] as [(String, String, String?)])
    func countsFindings(_ user: String, _ result: String, _ label: String?) async throws {
        let fixture = ChainFixture()
        _ = try await fixture.send(.GET, "/x", headers: ["x-test-user": user])
        let text = fixture.registry.exposition()
        #expect(text.contains("authentication_attempts{result=\"\(result)\"} 1\n"))
        #expect(text.contains("authentication_duration_seconds_count{result=\"\(result)\"} 1\n"))
        #expect(text.contains("apiserver_request_filter_duration_seconds_count{filter=\"authentication\"} 1\n"))
        if let label {
            #expect(text.contains("authenticated_user_requests{username=\"\(label)\"} 1\n"))
        } else {
            #expect(!text.contains("authenticated_user_requests{"))
        }
        #expect(!text.contains("alice") && !text.contains("prod:web"))
    }

    @Test(arguments: ["allowed", "denied", "no-opinion", "error"])
    func countsVerdicts(_ result: String) async throws {
        struct Fault: Error {}
        let decisions: [String: Decision] = [
            "allowed": .allow(reason: ""), "denied": .deny(reason: ""), "no-opinion": .noOpinion(reason: ""),
            "error": .failed(Fault()),
        ]
        let decision = try #require(decisions[result])
        let fixture = ChainFixture(authorizer: ClosureAuthorizer { _ in decision })
        _ = try await fixture.send(.GET, "/x")
        let text = fixture.registry.exposition()
        #expect(text.contains("authorization_attempts_total{result=\"\(result)\"} 1\n"))
        #expect(text.contains("authorization_duration_seconds_count{result=\"\(result)\"} 1\n"))
        #expect(text.contains("apiserver_request_filter_duration_seconds_count{filter=\"authorization\"} 1\n"))
    }

    @Test func countsBodiesOfRequests() async throws {
        let audit = try AuditFixture()
        try await audit.events { chain in
            try await chain.send(.POST, AuditEventTests.widgets, body: AuditEventTests.body)
            try await chain.send(.GET, AuditEventTests.widgets, body: "")
        }
        let text = audit.fixture.registry.exposition()
        // Widgets aren't among the resources that this chain was told of.
        #expect(text.contains("apiserver_request_body_size_bytes_count{group=\"\",resource=\"\",verb=\"other\"} 1\n"))
        #expect(text.contains("le=\"50000\"} 1\n"))
    }

    @Test func countsWhatWatchesSend() async throws {
        let registry = MetricsRegistry()
        let storage = InMemoryStorage()
        let api = WidgetAPI(storage) { $0.watchMetrics = WatchMetrics(registry: registry) }
        for name in ["a", "b"] {
            _ = try await api.send(
                .POST, WidgetAPI.widgets, .json, body: #"{"metadata":{"name":"\#(name)"},"spec":{}}"#)
        }
        let query =
            "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1"
        try await api.watch(WidgetAPI.widgets + query) { lines in
            // To its end: it is counted after the last line of the list was sent.
            while try await lines.next() != nil {}
        }
        let text = registry.exposition()
        let labels = #"group="example.io",version="v1",resource="widgets""#
        #expect(text.contains("apiserver_watch_events_total{\(labels)} 3\n"))
        #expect(text.contains("apiserver_watch_events_sizes_count{\(labels)} 3\n"))
        #expect(text.contains("apiserver_watch_list_duration_seconds_count{\(labels),scope=\"namespace\"} 1\n"))
    }

    @Test func tellsAllThatIsRegistered() {
        let registry = MetricsRegistry()
        _ = registry.gauges("b", "B.", labels: ["y", "x"])
        _ = registry.counters("a_total", "A.")
        #expect(
            registry.summaries.map { "\($0.name) \($0.type) \($0.labels)" } == [
                "a_total counter []", "b gauge [\"y\", \"x\"]",
            ])
    }

    @Test func everyRequestHasALineWhereWanted() async throws {
        var configuration = HandlerChainConfiguration()
        #expect(try await lines(configuration) == 0)
        configuration.logsEveryRequest = true
        #expect(try await lines(configuration) == 1)
    }

    private func lines(_ configuration: HandlerChainConfiguration) async throws -> Int {
        let fixture = ChainFixture(configuration: configuration)
        _ = try await fixture.send(.GET, "/x?token=s3cret")
        #expect(fixture.log.lines.allSatisfy { $0.contains("auditID=") && !$0.contains("s3cret") })
        return fixture.log.lines.count
    }

    @Test func longPathsAreCutInTheLog() async throws {
        let fixture = ChainFixture { _ in throw CancellationError() }
        _ = try await fixture.send(
            .GET, "/" + String(repeating: "x", count: 100_000),
            headers: ["User-Agent": String(repeating: "y", count: 100_000)])
        #expect(try #require(fixture.log.lines.first).utf8.count < 4_000)
    }
}
