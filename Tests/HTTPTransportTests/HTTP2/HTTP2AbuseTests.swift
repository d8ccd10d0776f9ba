import HTTPTransport
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Clients that obey the protocol to do harm, and those that break it.
@Suite(.timeLimit(.minutes(1)))
struct HTTP2AbuseTests {
    /// Bytes with a name.
    struct Bytes: CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        init(_ name: String, _ bytes: [UInt8]) {
            testDescription = name
            self.bytes = bytes
        }
    }
    typealias Kind = RawHTTP2.Kind

    /// ENHANCE_YOUR_CALM.
    static let calm: UInt32 = 0xB

    static func withServer(
        _ happenings: Happenings = Happenings(), _ change: @escaping (inout ServerLimits) -> Void = { _ in },
        handler: @escaping @Sendable (HTTPRequest, consuming ResponseWriter) async -> Void = { _, response in
            response.send(.init(status: .ok))
        },
        _ body: (RawHTTP2) async throws -> Void
    ) async throws {
        try await TestServer.with(observer: happenings, configure: HTTP2ConnectionTests.plain(change), handler: handler)
        { server in
            try await RawHTTP2.with(port: server.port, body)
            // Whatever the client did, the next one is served.
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1))
                let seen1 = try await client.first(Kind.headers, stream: 1)?.status
                #expect(seen1 == 200)
            }
        }
    }

    @Test func `a rapid reset ends the connection and starts no handler (CVE-2023-44487)`() async throws {
        let happenings = Happenings()
        try await Self.withServer(
            happenings,
            { limits in
                limits.resetBurst = 100
                limits.resetsPerSecond = 1
            },
            handler: { request, response in
                if request.head.target == "/reset" { happenings.add("handled") }
                response.send(.init(status: .ok))
            }
        ) { client in
            let flood = (0..<200).flatMap {
                RawHTTP2.headers(UInt32($0) * 2 + 1, "/reset") + RawHTTP2.reset(UInt32($0) * 2 + 1)
            }
            try await client.send(flood)
            let seen2 = try await client.goAwayCode()
            #expect(seen2 == Self.calm)
        }
        #expect(happenings.count("limit resetRate") == 1)
        // A read may end between HEADERS and RST_STREAM: those few begin.
        #expect(happenings.count("handled") < 20)
    }

    @Test(arguments: [
        Bytes("PING", RawHTTP2.frame(6, payload: [1, 2, 3, 4, 5, 6, 7, 8])), Bytes("SETTINGS", RawHTTP2.frame(4)),
        Bytes("PRIORITY", RawHTTP2.frame(2, stream: 3, payload: [0, 0, 0, 0, 1])),
        Bytes("WINDOW_UPDATE", RawHTTP2.frame(8, payload: [0, 0, 0, 1])),
    ])
    func `a flood of frames that cost nothing ends the connection`(frame: Bytes) async throws {
        let happenings = Happenings()
        try await Self.withServer(
            happenings,
            { limits in
                limits.controlFrameBurst = 50
                limits.controlFramesPerSecond = 1
            }
        ) { client in
            try await client.send((0..<60).flatMap { _ in frame.bytes })
            let seen3 = try await client.goAwayCode()
            #expect(seen3 == Self.calm)
        }
        #expect(happenings.count("limit controlFrameRate") == 1)
    }

    @Test func `a flood of empty DATA ends the connection`() async throws {
        try await Self.withServer(
            Happenings(),
            {
                $0.controlFrameBurst = 50; $0.controlFramesPerSecond = 1
            }
        ) { client in
            try await client.send(
                RawHTTP2.headers(1, method: "POST", ends: false)
                    + (0..<60).flatMap { _ in RawHTTP2.frame(Kind.data, stream: 1) })
            let seen4 = try await client.goAwayCode()
            #expect(seen4 == Self.calm)
        }
    }

    @Test func `as many PINGs as allowed are answered`() async throws {
        try await Self.withServer(
            Happenings(),
            {
                $0.controlFrameBurst = 50; $0.controlFramesPerSecond = 1
            }
        ) { client in
            // One is the SETTINGS of the preface.
            try await client.send(
                (0..<49).flatMap { RawHTTP2.frame(Kind.ping, payload: [0, 0, 0, 0, 0, 0, 0, UInt8($0)]) })
            for _ in 0..<49 {
                let answer = try await client.first(Kind.ping)
                #expect(answer?.flags == 1)
            }
        }
    }

    @Test func `a flood of CONTINUATION ends the connection (CVE-2024-28182)`() async throws {
        try await Self.withServer { client in
            let head = RawHTTP2.block([(":method", "GET"), (":scheme", "http"), (":path", "/")])
            try await client.send(RawHTTP2.frame(Kind.headers, flags: 1, stream: 1, payload: head))
            for _ in 0..<200 { try? await client.send(RawHTTP2.frame(Kind.continuation, stream: 1)) }
            while try await client.next() != nil {}
            #expect(!client.seen.contains { $0.type == Kind.headers })
        }
    }

    @Test(arguments: [(1000, 200), (1_040_000, 200), (1_048_576, 431)])
    func `a head is as large as the limit allows, else 431`(bytes: Int, status: Int) async throws {
        try await Self.withServer { client in
            // Fields of 32 KiB, as nghttp2 takes up to 64 KiB each.
            var more: [(String, String)] = []
            var left = bytes
            while left > 0 {
                more.append(("x-big", String(repeating: "v", count: min(left, 32_000))))
                left -= 32_037
            }
            try await client.send(RawHTTP2.headers(1, more: more))
            let seen5 = try await client.first(Kind.headers, stream: 1)?.status
            #expect(seen5 == status)
            try await client.send(RawHTTP2.headers(3))
            let seen6 = try await client.first(Kind.headers, stream: 3)?.status
            #expect(seen6 == 200)
        }
    }

    @Test func `streams and handlers over the limit are refused`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            observer: happenings, configure: HTTP2ConnectionTests.plain { $0.concurrentStreams = 10 },
            handler: { _, response in
                happenings.add("begun")
                await happenings.wait("release")
                response.send(.init(status: .ok))
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                _ = try await client.first(Kind.settings)
                try await client.send(RawHTTP2.frame(Kind.settings, flags: 1))
                let ids = (0..<10).map { UInt32($0) * 2 + 1 }
                try await client.send(ids.flatMap { RawHTTP2.headers($0) })
                await happenings.wait("begun", 10)
                // These handlers don't heed cancellation: their streams are gone, they are not.
                try await client.send(ids.flatMap { RawHTTP2.reset($0) })
                try await client.send(RawHTTP2.headers(101))
                let seen7 = try await client.first(Kind.reset, stream: 101)?.number(at: 0)
                #expect(seen7 == 7)
                #expect(happenings.count("limit concurrentStreams") == 1)
                happenings.add("release")
            }
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1))
                let seen8 = try await client.first(Kind.headers, stream: 1)?.status
                #expect(seen8 == 200)
            }
        }
    }

    @Test func `a head that never ends is given up`() async throws {
        let happenings = Happenings()
        try await Self.withServer(happenings, { $0.headerTimeout = .milliseconds(50) }) { client in
            let head = RawHTTP2.block([(":method", "GET"), (":scheme", "http"), (":path", "/")])
            try await client.send(RawHTTP2.frame(Kind.headers, flags: 1, stream: 1, payload: head))
            while try await client.next() != nil {}
            #expect(happenings.count("limit headerTimeout") == 1)
        }
    }

    @Test func `a body that stops fails the read`() async throws {
        let happenings = Happenings()
        try await Self.withServer(
            happenings, { $0.bodyProgressTimeout = .milliseconds(50) },
            handler: { request, response in
                let code = await HTTP2ConnectionTests.code { () async throws(TransportError) in
                    _ = try await request.body.collect(upTo: 1000)
                }
                response.send(.init(status: code == .timedOut ? .requestTimeout : .ok))
            }
        ) { client in
            try await client.send(
                RawHTTP2.headers(1, method: "POST", ends: false) + RawHTTP2.frame(Kind.data, stream: 1, payload: [1]))
            let seen9 = try await client.first(Kind.headers, stream: 1)?.status
            #expect(seen9 == 408)
        }
    }

    @Test func `a client that takes no byte loses the stream, not the connection`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            observer: happenings, configure: HTTP2ConnectionTests.plain { $0.writeProgressTimeout = .milliseconds(50) },
            handler: { _, response in response.send(.init(status: .ok), body: ByteBuffer(string: "hello")) }
        ) { server in
            try await RawHTTP2.with(port: server.port, settings: [(4, 0)]) { client in
                try await client.send(RawHTTP2.headers(1))
                let seen10 = try await client.first(Kind.reset, stream: 1)?.number(at: 0)
                #expect(seen10 == 8)
                #expect(happenings.count("limit writeProgressTimeout") == 1)
                try await client.send(RawHTTP2.frame(Kind.ping, payload: Array(1...8)))
                let seen11 = try await client.first(Kind.ping)
                #expect(seen11 != nil)
            }
        }
    }

    @Test func `an idle connection is told to go and closed`() async throws {
        try await Self.withServer(Happenings(), { $0.idleTimeout = .milliseconds(50) }) { client in
            let seen12 = try await client.goAwayCode()
            #expect(seen12 == 0)
        }
    }

    @Test(arguments: [
        Bytes("no preface", Array("GET / HTTP/1.1\r\nhost: x\r\n\r\n".utf8)),
        Bytes("DATA on an idle stream", RawHTTP2.frame(0, stream: 5, payload: [1])),
        Bytes("even stream", RawHTTP2.headers(2)), Bytes("stream 0", RawHTTP2.headers(0)),
        Bytes("oversized frame", RawHTTP2.frame(0, stream: 1, payload: [UInt8](repeating: 0, count: 300 << 10))),
        Bytes("broken HPACK", RawHTTP2.frame(1, flags: 5, stream: 1, payload: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF])),
        Bytes("PUSH_PROMISE", RawHTTP2.frame(5, flags: 4, stream: 1, payload: [0, 0, 0, 2])),
    ])
    func `a broken connection ends with an error`(sent: Bytes) async throws {
        try await Self.withServer { client in
            try await client.send(sent.bytes)
            let code = try await client.goAwayCode()
            #expect(code != 0)
        }
    }
}
