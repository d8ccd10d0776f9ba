import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOPosix
import TestSupport

@testable import HTTPTransport

/// What a server answers the client, in both protocols. The first byte says in what pieces the others come.
let httpClientFuzzers = [
    Fuzzer(
        "http1-response",
        seeds: [
            "\u{3}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "\u{1}HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\nA: b\r\n\r\n",
            "\u{2}HTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\nuntil the end",
            "\u{3}HTTP/1.1 204 No Content\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "\u{0}HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        ].map { Array($0.utf8) },
        pieces: ["\r\n", ":", " ", "\0", "0", "chunked", "-1", ",", "\t", "\r", "HTTP/1.1 "].map { Array($0.utf8) },
        holds: { inPieces($0) { fuzzHTTP1Response($0, cut: $1) } }),
    Fuzzer(
        "http2-response", seeds: http2Answers.map { [3] + $0 },
        pieces: [[0, 0, 0, 4, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x80], [0x7F], [0x20], [9], [1]],
        holds: { inPieces($0) { fuzzHTTP2Response($0, cut: $1) } }),
]

private let http2Answers: [[UInt8]] = {
    let settings = RawHTTP2.frame(RawHTTP2.Kind.settings)
    func head(_ flags: UInt8, _ fields: [(String, String)]) -> [UInt8] {
        RawHTTP2.frame(RawHTTP2.Kind.headers, flags: flags, stream: 1, payload: RawHTTP2.block(fields))
    }
    let body = RawHTTP2.frame(RawHTTP2.Kind.data, flags: 1, stream: 1, payload: Array("hello".utf8))
    return [
        settings + head(4, [(":status", "200"), ("content-length", "5")]) + body,
        settings + head(4, [(":status", "100")]) + head(5, [(":status", "204")]),
        settings + head(4, [(":status", "200")]) + body.prefix(9) + head(5, [("trailer", "x")]),
        settings + RawHTTP2.frame(5, flags: 4, stream: 1, payload: [0, 0, 0, 2] + RawHTTP2.block([(":path", "/")]))
            + RawHTTP2.reset(1, 7),
        RawHTTP2.frame(RawHTTP2.Kind.settings, payload: [0, 4, 0x7F, 0xFF, 0xFF, 0xFF, 0, 3, 0, 0, 0, 0])
            + RawHTTP2.frame(RawHTTP2.Kind.ping, payload: Array(1...8))
            + RawHTTP2.frame(RawHTTP2.Kind.goAway, payload: [0, 0, 0, 0, 0, 0, 0, 2]),
    ]
}()

/// No trap, and the exchange ends with its connection.
private func fuzzHTTP1Response(_ bytes: [UInt8], cut: Int) -> Bool {
    feed(bytes, cut: cut) { channel, pool in
        let handler = HTTP1ClientHandler(pool: pool)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()), handler,
        ])
        return HTTP1ClientConnection(channel: channel, handler: handler)
    }
}

private func fuzzHTTP2Response(_ bytes: [UInt8], cut: Int) -> Bool {
    feed(bytes, cut: cut) { channel, pool in
        try HTTP2ClientHandler.install(on: channel, buffers: LoopBuffers(), HTTPClientConfiguration(), pool)
    }
}

private func feed(
    _ bytes: [UInt8], cut: Int, _ install: (EmbeddedChannel, ClientConnectionPool) throws -> any ClientConnection
) -> Bool {
    let channel = EmbeddedChannel()
    let loop = channel.embeddedEventLoop
    // The pool knows nothing of this connection, and never dials.
    let dialer = ClientDialer(group: MultiThreadedEventLoopGroup.singleton, configuration: HTTPClientConfiguration())
    do {
        let connection = try install(channel, ClientConnectionPool(dialer: dialer))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let exchange = ClientExchange(
            message: try ClientRequestMessage(ClientRequest(host: "localhost")), deadlines: ClientDeadlines())
        connection.start(exchange)
        loop.run()
        var rest = bytes[...]
        while !rest.isEmpty, channel.isActive {
            _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(max(1, cut))))
            rest = rest.dropFirst(max(1, cut))
            loop.run()
        }
        loop.advanceTime(by: .seconds(400))
        exchange.abandon()
        connection.close()
        loop.run()
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return true
    } catch {
        return false
    }
}
