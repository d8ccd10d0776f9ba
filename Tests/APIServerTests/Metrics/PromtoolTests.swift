import Foundation
import HTTPTransport
import NIOHTTP1
import TestSupport
import Testing

@testable import APIServer

/// H03, judged by Prometheus' own tool where it is: on the PATH, or named by `PROMTOOL`.
struct PromtoolTests {
    static let promtool =
        ProcessInfo.processInfo.environment["PROMTOOL"].map { Tool(at: URL(fileURLWithPath: $0)) } ?? Tool("promtool")

    @Test(.enabled(if: promtool.isPresent, "promtool isn't installed"))
    func promtoolFindsNothingToSay() async throws {
        let fixture = ChainFixture { request in
            if request.info.name == "bad" { throw CancellationError() }
            return .text("fine")
        }
        ProcessMetrics.register(in: fixture.registry)
        VersionInfo(gitVersion: "v1").register(in: fixture.registry)
        let observer = TransportMetrics(registry: fixture.registry)
        observer.connectionOpened()
        observer.limitReached("headerTimeout")
        observer.handshakeFailed(TransportError(.handshakeFailed, "x"))
        observer.certificateReloaded(nil)
        let health = HealthEndpoint([.ping], registry: fixture.registry, logger: fixture.log.logger())
        _ = try await ChainFixture(endpoint: { try await health.respond(to: $0) }).send(.GET, "/livez")
        for target in ["/apis/g/v1/things", "/apis/g/v1/things?watch=1", "/apis/g/v1/things/bad", "/livez"] {
            _ = try await fixture.send(.GET, target)
        }
        let said = try await Self.promtool.run(["check", "metrics"], input: .text(fixture.registry.exposition()))
        #expect(said.everything == "")
        #expect(said.status == 0)
    }
}
