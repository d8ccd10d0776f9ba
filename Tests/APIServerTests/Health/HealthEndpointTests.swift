import NIOConcurrencyHelpers
import NIOHTTP1
import Testing

@testable import APIServer

/// H01, H02
struct HealthEndpointTests {
    let registry = MetricsRegistry()
    let log = RecordingLog()
    let storage = NIOLockedValueBox<String?>(nil)
    let shutdown = ShutdownNotice()

    func get(_ target: String) async throws -> Answer {
        let store = HealthCheck("storage", in: [.readyz, .healthz]) { [storage] in
            if let fault = storage.withLockedValue({ $0 }) { throw HealthFailure(fault) }
        }
        let endpoint = HealthEndpoint([.ping, store, shutdown.check], registry: registry, logger: log.logger())
        return try await ChainFixture(endpoint: { try await endpoint.respond(to: $0) }).send(.GET, target)
    }

    static let storeDown: @Sendable (Self) -> Void = { $0.storage.withLockedValue { $0 = "disk full" } }

    @Test(arguments: [
        ("/livez", 200, "ok"), ("/readyz", 200, "ok"), ("/healthz", 200, "ok"), ("/readyz/ping", 200, "ok"),
        ("/livez?verbose", 200, "[+]ping ok\nlivez check passed\n"),
        ("/readyz?verbose", 200, "[+]ping ok\n[+]storage ok\n[+]shutdown ok\nreadyz check passed\n"),
        ("/healthz?verbose=1", 200, "[+]ping ok\n[+]storage ok\nhealthz check passed\n"),
        (
            "/readyz?verbose&exclude=storage&exclude=ping", 200,
            "[+]ping excluded: ok\n[+]storage excluded: ok\n[+]shutdown ok\nreadyz check passed\n"
        ),
        (
            "/livez?verbose&exclude=z&exclude=a", 200,
            "[+]ping ok\nwarn: some health checks cannot be excluded: no matches for \"a\",\"z\"\nlivez check passed\n"
        ),
        ("/livez?exclude=x", 200, "ok"),
    ])
    func saysWhatIsInOrder(_ target: String, _ code: UInt, _ text: String) async throws {
        let answer = try await get(target)
        #expect(answer.status.code == code)
        #expect(answer.text == text)
        #expect(answer.header("content-type") == "text/plain; charset=utf-8")
        #expect(answer.header("x-content-type-options") == "nosniff")
    }

    @Test(
        arguments: [
            ("/livez", 200, "ok"), ("/livez/storage", 404, nil), ("/readyz/nothing", 404, nil),
            ("/readyz", 500, "[+]ping ok\n[-]storage failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n"),
            ("/readyz/storage", 500, "internal server error: disk full\n"), ("/readyz/ping", 200, "ok"),
            ("/readyz?exclude=storage", 200, "ok"),
        ] as [(String, UInt, String?)])
    func saysWhatIsNot(_ target: String, _ code: UInt, _ text: String?) async throws {
        Self.storeDown(self)
        let answer = try await get(target)
        #expect(answer.status.code == code)
        if let text { #expect(answer.text == text) }
    }

    @Test func tellsTheReasonToTheLogAndMetrics() async throws {
        Self.storeDown(self)
        _ = try await get("/readyz")
        #expect(log.lines.contains { $0.contains("storage: disk full") })
        let text = registry.exposition()
        #expect(text.contains(#"kubernetes_healthcheck{name="storage",type="readyz"} 0"#))
        #expect(text.contains(#"kubernetes_healthchecks_total{name="ping",type="readyz",status="success"} 1"#))
    }

    @Test func failsReadinessOnlyOnceShutdownIsAnnounced() async throws {
        shutdown.announce()
        let ready = try await get("/readyz")
        #expect(ready.status == .internalServerError)
        #expect(ready.text.contains("[-]shutdown failed: reason withheld\n"))
        #expect(try await get("/livez").status == .ok)
        #expect(try await get("/healthz").status == .ok)
    }

    @Test func servesItsPathsOnly() {
        for path in ["/livez", "/livez/ping", "/readyz/", "/healthz"] { #expect(HealthEndpoint.serves(path: path)) }
        for path in ["/", "/livezz", "livez", "/x/livez"] { #expect(!HealthEndpoint.serves(path: path)) }
    }
}
