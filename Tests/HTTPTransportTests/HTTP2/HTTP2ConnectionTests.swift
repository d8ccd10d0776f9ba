import HTTPTransport
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Streams, windows and order, seen byte by byte from the client's side.
@Suite(.timeLimit(.minutes(1)))
struct HTTP2ConnectionTests {
    typealias Kind = RawHTTP2.Kind

    static func plain(_ change: @escaping (inout ServerLimits) -> Void = { _ in }) -> (inout ServerConfiguration) ->
        Void
    {
        { configuration in
            configuration.tls = nil
            change(&configuration.limits)
        }
    }

    @Test func `settings and windows are those of conformance 1.2 (T04, T05)`() async throws {
        try await TestServer.with(
            configure: Self.plain(), handler: { _, response in response.send(.init(status: .ok)) }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                let settings = try #require(try await client.first(Kind.settings))
                var values: [UInt32: UInt32] = [:]
                for offset in stride(from: 0, to: settings.payload.count, by: 6) {
                    values[settings.number(at: offset) >> 16] = settings.number(at: offset + 2)
                }
                #expect(values[3] == 250)
                #expect(values[4] == 256 << 10)
                #expect(values[5] == 256 << 10)
                #expect(values[6] == 1 << 20)
                let window = try #require(try await client.first(Kind.windowUpdate, stream: 0))
                #expect(window.number(at: 0) == (32 << 20) - 65_535)
            }
        }
    }

    @Test(arguments: [("GET", 200, 5), ("HEAD", 200, 0), ("POST", 200, 5)])
    func `a whole answer is head and body`(method: String, status: Int, length: Int) async throws {
        try await TestServer.with(
            configure: Self.plain(),
            handler: { _, response in response.send(.init(status: .ok), body: ByteBuffer(string: "hello")) }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1, method: method))
                let head = try #require(try await client.first(Kind.headers, stream: 1))
                #expect(head.status == status)
                #expect(head.endsStream == (length == 0))
                if length > 0 {
                    let data = try #require(try await client.first(Kind.data, stream: 1))
                    #expect(data.payload == Array("hello".utf8) && data.endsStream)
                }
            }
        }
    }

    @Test func `PING is answered while handlers are busy (T06)`() async throws {
        try await TestServer.with(
            configure: Self.plain(),
            handler: { _, response in
                await Happenings.untilCancelled()
                response.send(.init(status: .ok))
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                for stream in stride(from: UInt32(1), to: 101, by: 2) {
                    try await client.send(RawHTTP2.headers(stream))
                }
                try await client.send(RawHTTP2.frame(Kind.ping, payload: Array(1...8)))
                let answer = try #require(try await client.first(Kind.ping))
                #expect(answer.flags == 1 && answer.payload == Array(1...8))
            }
        }
    }

    @Test func `RST_STREAM cancels the handler, a thousand times on one connection (T07)`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            configure: Self.plain(),
            handler: { _, response in
                happenings.add("begun")
                guard let writer = try? await response.start(.init(status: .ok)) else { return }
                await Happenings.untilCancelled()
                let code = await Self.code { () async throws(TransportError) in
                    try await writer.write(ByteBuffer(string: "x"))
                }
                #expect(code == .cancelled)
                happenings.add("ended")
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                for round in 1...20 {
                    let ids = (0..<50).map { UInt32((round - 1) * 50 + $0) * 2 + 1 }
                    try await client.send(ids.flatMap { RawHTTP2.headers($0, "/watch") })
                    await happenings.wait("begun", round * 50)
                    try await client.send(ids.flatMap { RawHTTP2.reset($0) })
                    await happenings.wait("ended", round * 50)
                }
                try await client.send(RawHTTP2.frame(Kind.ping, payload: Array(1...8)))
                let seen1 = try await client.first(Kind.ping)
                #expect(seen1 != nil)
            }
            #expect(happenings.count("ended") == 1000)
        }
    }

    @Test func `the client's leaving cancels every handler`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            configure: Self.plain(),
            handler: { _, response in
                happenings.add("begun")
                await Happenings.untilCancelled()
                response.send(.init(status: .ok))
                happenings.add("ended")
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send((0..<10).flatMap { RawHTTP2.headers($0 * 2 + 1) })
                await happenings.wait("begun", 10)
            }
            await happenings.wait("ended", 10)
        }
    }

    static func code(_ body: () async throws(TransportError) -> Void) async -> TransportError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `the window opens as the handler reads, not before`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            configure: Self.plain { $0.streamWindowBytes = 65_535 },
            handler: { request, response in
                await happenings.wait("read")
                let body = try? await request.body.collect(upTo: 1 << 20)
                response.send(.init(status: body?.readableBytes == 65_535 + 1000 ? .ok : .badRequest))
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1, method: "POST", ends: false))
                // The whole window, and a PING behind it: whatever the server says before its answer was said without reading.
                var data: [UInt8] = []
                for size in [16_384, 16_384, 16_384, 16_383] {
                    data += RawHTTP2.frame(Kind.data, stream: 1, payload: [UInt8](repeating: 7, count: size))
                }
                try await client.send(data + RawHTTP2.frame(Kind.ping, payload: Array(1...8)))
                _ = try #require(try await client.first(Kind.ping))
                #expect(!client.seen.contains { $0.type == Kind.windowUpdate && $0.stream == 1 })
                happenings.add("read")
                _ = try #require(try await client.first(Kind.windowUpdate, stream: 1))
                try await client.send(
                    RawHTTP2.frame(Kind.data, flags: 1, stream: 1, payload: [UInt8](repeating: 7, count: 1000)))
                let seen2 = try await client.first(Kind.headers, stream: 1)?.status
                #expect(seen2 == 200)
            }
        }
    }

    @Test func `a body that nobody reads gives its window back`() async throws {
        try await TestServer.with(
            configure: Self.plain { $0.connectionWindowBytes = 65_535 },
            handler: { _, response in response.send(.init(status: .ok)) }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                // Twenty bodies of 16 KiB through a connection window of 64 KiB, at most three of them unanswered.
                for index in 0..<20 {
                    let id = UInt32(index * 2 + 1)
                    try await client.send(
                        RawHTTP2.headers(id, method: "POST", ends: false)
                            + RawHTTP2.frame(
                                Kind.data, flags: 1, stream: id, payload: [UInt8](repeating: 7, count: 16_384)))
                    let seen3 = try await client.first(Kind.headers, stream: id)?.status
                    #expect(seen3 == 200)
                }
                // The window opens when half of it was thrown away.
                let returned = client.seen.filter { $0.type == Kind.windowUpdate && $0.stream == 0 }.reduce(0) {
                    $0 + $1.number(at: 0)
                }
                #expect(returned >= 19 * 16_384 - 65_535)
            }
        }
    }

    @Test func `an answer before the request's end asks the client to stop`() async throws {
        try await TestServer.with(
            configure: Self.plain(), handler: { _, response in response.send(.init(status: .payloadTooLarge)) }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1, method: "POST", ends: false))
                let seen4 = try await client.first(Kind.headers, stream: 1)?.status
                #expect(seen4 == 413)
                let seen5 = try await client.first(Kind.reset, stream: 1)?.number(at: 0)
                #expect(seen5 == 0)
            }
        }
    }

    @Test func `an answer before the request's end is no fault to a client that ends it`() async throws {
        try await TestServer.with(
            configure: Self.plain(), handler: { _, response in response.send(.init(status: .forbidden)) }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1, method: "POST", ends: false))
                let refused = try await client.first(Kind.headers, stream: 1)?.status
                #expect(refused == 403)
                try await client.send(
                    RawHTTP2.data(1, "late", ends: true) + RawHTTP2.frame(Kind.ping, payload: Array(1...8)))
                _ = try await client.first(Kind.ping)
                #expect(!client.seen.contains { $0.type == Kind.reset })
            }
        }
    }

    @Test func `an answer before the request's end asks a client that fills the window to stop`() async throws {
        try await TestServer.with(
            configure: Self.plain { $0.streamWindowBytes = 65_535 },
            handler: { _, response in response.send(.init(status: .payloadTooLarge)) }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1, method: "POST", ends: false))
                _ = try await client.first(Kind.headers, stream: 1)
                let half = RawHTTP2.frame(Kind.data, stream: 1, payload: [UInt8](repeating: 7, count: 16_383))
                try await client.send(half + half + half + half)
                try await client.send(RawHTTP2.frame(Kind.ping, payload: Array(1...8)))
                _ = try await client.first(Kind.ping)
                #expect(!client.seen.contains { $0.type == Kind.reset })
                try await client.send(RawHTTP2.frame(Kind.data, stream: 1, payload: [7, 7, 7]))
                let reset = try await client.first(Kind.reset, stream: 1)
                #expect(reset?.number(at: 0) == 0)
            }
        }
    }

    @Test func `an answer waits for the client's window`() async throws {
        let happenings = Happenings()
        try await TestServer.with(
            configure: Self.plain(),
            handler: { _, response in
                guard let writer = try? await response.start(.init(status: .ok)) else { return }
                for _ in 0..<8 {
                    try? await writer.write(ByteBuffer(repeating: 1, count: 64 << 10))
                    happenings.add("written")
                }
                try? await writer.finish()
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1))
                var total = 0
                while total < 65_535, let data = try await client.first(Kind.data, stream: 1) {
                    total += data.payload.count
                }
                #expect(total == 65_535)
                // One buffer of 128 KiB beyond the window, no more.
                #expect(happenings.count("written") <= 4)
                try await client.send(
                    RawHTTP2.frame(Kind.windowUpdate, stream: 1, payload: RawHTTP2.bytes(UInt32(1 << 20)))
                        + RawHTTP2.frame(Kind.windowUpdate, payload: RawHTTP2.bytes(UInt32(1 << 20))))
                while let data = try await client.first(Kind.data, stream: 1) {
                    total += data.payload.count
                    if data.endsStream { break }
                }
                #expect(total == 8 * (64 << 10))
            }
        }
    }

    @Test(arguments: [("/dropped", 500), ("/aborted", 200)])
    func `a handler that fails is told to the client`(path: String, status: Int) async throws {
        try await TestServer.with(
            configure: Self.plain(),
            handler: { request, response in
                guard request.head.target == "/aborted" else { return }
                guard let writer = try? await response.start(.init(status: .ok)) else { return }
                try? await writer.write(ByteBuffer(string: "half"))
                writer.abort()
            }
        ) { server in
            try await RawHTTP2.with(port: server.port) { client in
                try await client.send(RawHTTP2.headers(1, path))
                if status == 500 {
                    let head = try await client.first(Kind.headers, stream: 1)
                    #expect(head?.status == 500)
                } else {
                    let seen6 = try await client.first(Kind.reset, stream: 1)?.number(at: 0)
                    #expect(seen6 == 2)
                }
            }
        }
    }
}
