import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Pprof
import ProfileStore
import TestSupport
import Testing

@testable import ProfileCapture

@Suite(.timeLimit(.minutes(2))) struct ProfileFetcherTests {
    private func target(_ port: Int, path: String = "/debug/pprof", scheme: ProfilingEndpoint.Scheme = .http) throws
        -> CaptureTarget
    {
        try CaptureTarget(
            .sample(),
            CaptureSpec(
                target: .pod("web-1"), endpoint: ProfilingEndpoint(port: .number(port), path: path, scheme: scheme)))
    }

    /// Fetches one profile from a target that always answers `reply`.
    private func fetch(
        _ type: ProfileType = .heap, _ reply: ScriptedTarget.Reply, packed: Int = 64 << 20,
        limits: DecodeLimits = .default,
        grace: Duration = .seconds(120), spec: CaptureSpec = .sample()
    ) async throws -> (ProfileFetcher.Fetched, [String]) {
        try await ScriptedTarget.with({ _, _ in reply }) { origin in
            try await withFetcher(limits: limits, packed: packed, grace: grace) { fetcher in
                (try await fetcher.fetch(type, from: try target(origin.port), spec), origin.requests)
            }
        }
    }

    private func failure(
        _ type: ProfileType = .heap, _ reply: ScriptedTarget.Reply, packed: Int = 64 << 20,
        limits: DecodeLimits = .default,
        grace: Duration = .seconds(120)
    ) async throws -> CaptureError? {
        do {
            _ = try await fetch(type, reply, packed: packed, limits: limits, grace: grace)
            return nil
        } catch let error as CaptureError {
            return error
        }
    }

    @Test(arguments: [
        (ProfileType.cpu, ProfileFixture.cpu, "/debug/pprof/profile?seconds=1"), (.heap, .heap, "/debug/pprof/heap"),
        (.allocs, .allocs, "/debug/pprof/allocs"), (.mutex, .mutex, "/debug/pprof/mutex"),
        (.block, .block, "/debug/pprof/block"),
        (.goroutine, .goroutine, "/debug/pprof/goroutine"), (.threadcreate, .threadcreate, "/debug/pprof/threadcreate"),
    ])
    func keepsTheBytesAsTheyCame(_ type: ProfileType, _ fixture: ProfileFixture, _ request: String) async throws {
        let bytes = try fixture.bytes
        let (fetched, requests) = try await fetch(type, .ok(bytes))
        #expect(fetched.bytes == bytes)
        #expect(fetched.facts == (try ProfileDecoder(limits: .default).facts(of: bytes)))
        #expect(requests == [request])
    }

    @Test func aDeltaAsksForSecondsOfAllButThreads() async throws {
        var spec = CaptureSpec.sample()
        spec.delta = true
        spec.duration = .seconds(300)
        #expect(
            try await fetch(.heap, .ok(try ProfileFixture.heap.bytes), spec: spec).1 == [
                "/debug/pprof/heap?seconds=300"
            ])
        #expect(
            try await fetch(.threadcreate, .ok(try ProfileFixture.threadcreate.bytes), spec: spec).1 == [
                "/debug/pprof/threadcreate"
            ])
    }

    @Test func aTraceIsKnownByItsBeginningOnly() async throws {
        let trace = Array("go 1.27 trace\0\0\0".utf8) + [1, 2, 3]
        let (fetched, requests) = try await fetch(.trace, .ok(trace))
        #expect(fetched.bytes == trace && fetched.facts == nil)
        #expect(requests == ["/debug/pprof/trace?seconds=1"])
        #expect(try await failure(.trace, .ok(Array("<html>".utf8)))?.code == .badProfile)
    }

    @Test(arguments: [
        (500, "Could not enable CPU profiling: cpu profiling already in use\n", CaptureError.Code.profilerBusy),
        (500, "Could not enable tracing: tracing is already enabled\n", .profilerBusy),
        (429, "slow down", .profilerBusy),
        (404, "404 page not found\n", .notFound), (401, "", .unauthorized), (403, "no", .unauthorized),
        (301, "", .notFound),
        (302, "", .notFound), (204, "", .notFound),
        (400, "Client sent an HTTP request to an HTTPS server.\n", .notFound),
        (500, "boom", .notFound), (502, "bad gateway", .connectionRefused), (503, "no upstream", .connectionRefused),
        (504, "gateway timeout", .connectionRefused), (599, "odd", .notFound),
    ])
    func aStatusHasItsReason(_ status: Int, _ body: String, _ code: CaptureError.Code) async throws {
        let reply = ScriptedTarget.Reply.answer(
            status, [("Location", "http://127.0.0.1:1/elsewhere")], Array(body.utf8))
        let error = try await failure(.cpu, reply)
        #expect(error?.code == code)
        #expect(error?.message.contains(":\(status)") == true || error?.message.contains(" \(status)") == true)
        let said = body.split(separator: "\n").first.map(String.init) ?? ""
        #expect(status == 301 || status == 302 || error?.message.contains(said) == true)
    }

    @Test func aRedirectIsNotFollowed() async throws {
        try await ScriptedTarget.with({ _, _ in .text(200, "never") }) { elsewhere -> Void in
            let reply = ScriptedTarget.Reply.answer(302, [("Location", "http://127.0.0.1:\(elsewhere.port)/x")], [])
            let error = try await failure(.heap, reply)
            #expect(error?.code == .notFound)
            #expect(elsewhere.requests.isEmpty)
        }
    }

    @Test func anErrorTextIsCutAndCleaned() async throws {
        let text = "a\u{1b}[31mred\u{7}" + String(repeating: "x", count: 100_000)
        let error = try await failure(.heap, .text(500, text))
        #expect(error?.message.contains("\u{1b}") == false)
        #expect((error?.message.utf8.count ?? 0) < 400)
    }

    @Test func aPageIsNoProfile() async throws {
        #expect(
            try await failure(.heap, .text(200, "<!DOCTYPE html><html><body>login</body></html>"))?.code == .badProfile)
        #expect(try await failure(.heap, .text(200, ""))?.code == .badProfile)
        #expect(try await failure(.goroutine, .text(200, "goroutine profile: total 7\n1 @ 0x1\n"))?.code == .badProfile)
    }

    @Test func aTruncatedProfileIsRefused() async throws {
        let bytes = try ProfileFixture.heap.bytes
        #expect(try await failure(.heap, .ok(Array(bytes.prefix(bytes.count / 2))))?.code == .badProfile)
    }

    @Test func whatIsNotHTTPIsNoEndpoint() async throws {
        #expect(try await failure(.heap, .raw(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)))?.code == .notFound)
        #expect(try await failure(.heap, .raw([0x15, 3, 1, 0, 2, 2, 70]))?.code == .notFound)
    }

    @Test func aBrokenConnectionMayBeTriedAgain() async throws {
        #expect(try await failure(.heap, .close)?.code == .connectionRefused)
        let half = Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".utf8)
        #expect(try await failure(.heap, .raw(half))?.code == .connectionRefused)
        let port = try await ScriptedTarget.closedPort()
        try await withFetcher { fetcher -> Void in
            await #expect(throws: CaptureError(.connectionRefused, "")) {
                try await fetcher.fetch(.heap, from: try target(port), .sample())
            }
        }
        #expect(CaptureError(.connectionRefused, "").isRetryable && CaptureError(.profilerBusy, "").isRetryable)
        #expect(!CaptureError(.notFound, "").isRetryable)
    }

    @Test func whoDoesNotAnswerTakesTooLong() async throws {
        let error = try await failure(.heap, .hang, grace: .milliseconds(40))
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("/debug/pprof/heap") == true)
    }

    @Test func cancellingEndsAHangingFetch() async throws {
        try await ScriptedTarget.with({ _, _ in .hang }) { origin in
            try await withFetcher { fetcher -> Void in
                let target = try target(origin.port)
                let task = Task { try await fetcher.fetch(.heap, from: target, .sample()) }
                await origin.waitForRequests(1)
                task.cancel()
                await #expect(throws: CaptureError(.cancelled, "")) { try await task.value }
            }
        }
    }

    @Test func aBodyBeyondTheLimitIsTooLarge() async throws {
        #expect(try await failure(.heap, .zeros(65 << 20))?.code == .tooLarge)
        let heap = try ProfileFixture.heap.bytes
        let error = try await failure(.heap, .ok(heap), packed: heap.count - 1)
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("\(heap.count - 1)") == true)
        #expect(try await failure(.heap, .ok(heap), packed: heap.count) == nil)
    }

    @Test func aGzipBombIsTooLarge() async throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: 8 << 20))
        var limits = DecodeLimits.default
        limits.unpackedBytes = 1 << 20
        #expect(try await failure(.heap, .ok(bomb), limits: limits)?.code == .tooLarge)
    }

    @Test func httpsIsSpokenWithThoseWhoseCertificateIsTrusted() async throws {
        let heap = try ProfileFixture.heap.bytes
        try await TestServer.with(handler: { request, response in
            response.send(
                .init(status: .ok), body: ByteBuffer(bytes: request.head.target == "/debug/pprof/heap" ? heap : []))
        }) { server in
            let authority = PEMSource.file(server.certificates.authority.certificateFile)
            let trusts: [ClientTLSConfiguration.Trust] = [.authorities(authority), .insecureSkipVerify]
            for trust in trusts {
                try await withFetcher(tls: ClientTLSConfiguration(trust: trust)) { fetcher in
                    let fetched = try await fetcher.fetch(
                        .heap, from: try target(server.port, scheme: .https), .sample())
                    #expect(fetched.bytes == heap)
                }
            }
            try await withFetcher { fetcher -> Void in
                let error = await #expect(throws: CaptureError.self) {
                    try await fetcher.fetch(.heap, from: try target(server.port, scheme: .https), .sample())
                }
                #expect(error?.code == .connectionRefused)
                #expect(error?.message.contains("is not trusted") == true)
            }
        }
    }
}
