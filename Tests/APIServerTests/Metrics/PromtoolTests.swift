import Foundation
import HTTPTransport
import NIOHTTP1
import Testing

@testable import APIServer

/// H03, judged by Prometheus' own tool where it is: on the PATH, or named by `PROMTOOL`.
struct PromtoolTests {
    static let promtool: String? = {
        let environment = ProcessInfo.processInfo.environment
        let paths = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/promtool" }
        return ([environment["PROMTOOL"]].compactMap { $0 } + paths).first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    @Test(.enabled(if: promtool != nil, "promtool isn't installed"))
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
        let text = fixture.registry.exposition()
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
        process.arguments = ["check", "metrics"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(said == "")
        #expect(process.terminationStatus == 0)
    }
}
