import HTTPTransport
import NIOHTTP1
import Pprof
import TestSupport
import Testing

/// Go's own pprof endpoints judge the client and the decoder.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Tool.go.isPresent, "go is not on the PATH"))
struct GoTargetTests {
    @Test func `profiles of a Go program are fetched and decoded`() async throws {
        let target = try await GoTarget.start()
        defer { target.stop() }
        let client = PprofClient(port: target.port)
        for name in [
            "profile?seconds=1", "heap", "allocs", "block", "mutex", "goroutine", "threadcreate", "heap?seconds=1",
        ] {
            let (head, body) = try await client.get("/debug/pprof/\(name)")
            #expect(head.status == .ok, "\(name)")
            let facts = try ProfileDecoder().facts(of: body)
            #expect(facts.isGzipped, "\(name)")
            #expect(!facts.sampleTypes.isEmpty, "\(name)")
            if name.hasPrefix("profile") { #expect(facts.sampleCount > 0 && facts.durationNanos >= 1_000_000_000) }
        }

        let (trace, bytes) = try await client.get("/debug/pprof/trace?seconds=0.1")
        #expect(trace.status == .ok && bytes.starts(with: Array("go 1.".utf8)))
        await client.client.shutdown()
    }

    @Test func `Go and the demo target give the same errors`() async throws {
        let target = try await GoTarget.start()
        defer { target.stop() }
        let client = PprofClient(port: target.port)
        for (path, status, text, isPprof) in DemoTargetTests.failures where path != "/debug/pprof" {
            let (head, body) = try await client.get(path)
            #expect(head.status.code == status, "\(path)")
            #expect(String(decoding: body, as: UTF8.self) == text, "\(path)")
            #expect(head.headers["x-go-pprof"] == (isPprof ? ["1"] : []), "\(path)")
        }
        await client.client.shutdown()
    }
}
