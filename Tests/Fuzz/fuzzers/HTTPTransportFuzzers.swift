import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport

@testable import HTTPTransport

#if canImport(Glibc)
    import Glibc
#endif

/// Both protocols as the server takes them, HTTP/2 as the client does, and certificates. The first byte says in what pieces the others come.
let httpTransportFuzzers = [
    Fuzzer(
        "http1",
        seeds: [
            "\u{1}GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "\u{2}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\u{3}PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: a\r\n\r\n",
            "\u{0}GET http://a/b HTTP/1.1\r\nHost: b\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
            "\u{3}HEAD / HTTP/1.0\r\n\r\n", "\u{3}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ].map { Array($0.utf8) },
        pieces: ["\r\n", ":", " ", "\0", "0", "chunked", "-1", ",", "\t", "\r"].map { Array($0.utf8) },
        holds: { inPieces($0) { (try? fuzzHTTP1Connection($0, cut: $1)) != nil } }),
    Fuzzer(
        "http2", seeds: http2Seeds.map { [3] + $0 },
        pieces: [[0, 0, 0, 4, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x80], [0x7F], [0x20], [9], [1]],
        holds: { inPieces($0) { (try? fuzzHTTP2Connection($0, cut: $1)) != nil } }),
    Fuzzer(
        "http2-client", seeds: http2AnswerSeeds.map { [3] + $0 },
        pieces: [[0, 0, 0, 4, 0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x80], [0x7F], [0x20], [9], [1], [0x88]],
        holds: { inPieces($0) { (try? fuzzHTTP2Client($0, cut: $1)) == true } }),
    Fuzzer(
        "certificate", seeds: knownCertificates.map { $0.chainDER.first ?? [] },
        pieces: [[0x30], [0x82], [0x80], [0x03]],
        holds: fuzzCertificate),
    Fuzzer(
        "certificate-bundle", seeds: knownCertificates.map(\.certificatePEM),
        pieces: ["-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n", "\n", "="].map { Array($0.utf8) },
        holds: { bytes in
            _ = try? CertificateVerifier(pem: bytes)
            return true
        }),
]

/// The first byte chooses the size of the pieces that the others come in.
func inPieces(_ bytes: [UInt8], _ holds: ([UInt8], Int) -> Bool) -> Bool {
    holds(Array(bytes.dropFirst()), [1, 7, 64, 1 << 20][Int(bytes.first ?? 0) & 3])
}

/// Feeds a connection with bytes, cut at every `cut`-th. Whatever comes, there is no trap, every answer is one that a client can
/// read, and the connection comes to an end.
func fuzzHTTP1Connection(_ bytes: [UInt8], cut: Int) throws {
    let bench = try HTTP1Bench(handler: ClosureHandler.echo)
    var rest = bytes[...]
    while !rest.isEmpty, bench.isOpen {
        try bench.send(Array(rest.prefix(max(1, cut))))
        rest = rest.dropFirst(max(1, cut))
    }
    let answer = try bench.answer()
    guard answer.isEmpty || answer.hasPrefix("HTTP/1.1 ") else { throw HTTP1Refusal(.internalServerError, answer) }
    bench.advance(.seconds(200))
    guard !bench.isOpen else { throw HTTP1Refusal(.internalServerError, "the connection did not end") }
}

/// Feeds a connection with the bytes behind the preface, cut in pieces of `cut` bytes: no trap, and no read without an end.
func fuzzHTTP2Connection(_ bytes: [UInt8], cut: Int) throws {
    let channel = EmbeddedChannel()
    let loop = channel.embeddedEventLoop
    let context = ConnectionContext(
        handler: ClosureHandler { request, response in
            response.send(.init(status: .ok), body: ByteBuffer(string: request.head.target))
        }, limits: ServerLimits(), executor: LoopExecutor(loop), date: DateCache(loop), logger: .silent,
        observer: SilentObserver())
    let peer = PeerConnection(id: 1)
    try HTTP2Connection.install(on: channel, context: context, peer: peer)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    let all = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + bytes
    var rest = all[...]
    while !rest.isEmpty, channel.isActive {
        _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(max(1, cut))))
        rest = rest.dropFirst(max(1, cut))
        loop.run()
    }
    _ = try? channel.finish(acceptAlreadyClosed: true)
}

/// Feeds the client's connection with what a server says to three requests, in pieces of `cut` bytes: no trap, and whatever came, no
/// request is left without an end once the connection is gone.
func fuzzHTTP2Client(_ bytes: [UInt8], cut: Int) throws -> Bool {
    let channel = EmbeddedChannel()
    let loop = channel.embeddedEventLoop
    let configuration = HTTPClientConfiguration()
    let pool = ClientConnectionPool(dialer: ClientDialer(group: loop, configuration: configuration))
    let connection = try HTTP2ClientHandler.install(on: channel, buffers: LoopBuffers(), configuration, pool)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    let exchanges = try [HTTPMethod.GET, .HEAD, .POST].map { method in
        let request = ClientRequest(
            method: method, scheme: .https, host: "localhost",
            body: method == .POST ? ByteBuffer(repeating: 1, count: 70_000) : nil)
        return ClientExchange(message: try ClientRequestMessage(request), deadlines: request.deadlines)
    }
    for exchange in exchanges { connection.start(exchange) }
    loop.run()
    var rest = bytes[...]
    while !rest.isEmpty, channel.isActive {
        _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(max(1, cut))))
        rest = rest.dropFirst(max(1, cut))
        loop.run()
        if rest.count < bytes.count / 2 { exchanges.first?.abandon() }
    }
    _ = try? channel.finish(acceptAlreadyClosed: true)
    return exchanges.allSatisfy(\.isOver)
}

private let http2AnswerSeeds: [[UInt8]] = [
    RawHTTP2.settings() + RawHTTP2.ok(1) + RawHTTP2.data(1, "hello") + RawHTTP2.ok(3, ends: true)
        + RawHTTP2.ok(5) + RawHTTP2.data(5, "x", ends: false),
    RawHTTP2.settings([(3, 1), (4, 0), (1, 0), (5, 16_384)]) + RawHTTP2.goAway(1, 2, "bye") + RawHTTP2.ok(1)
        + RawHTTP2.reset(3, 7) + RawHTTP2.reset(5, 0),
    RawHTTP2.settings() + RawHTTP2.frame(6, payload: Array(1...8))
        + RawHTTP2.frame(8, stream: 5, payload: [0, 1, 0, 0])
        + RawHTTP2.frame(1, flags: 4, stream: 1, payload: RawHTTP2.block([(":status", "103")]))
        + RawHTTP2.frame(
            1, flags: 4, stream: 1, payload: RawHTTP2.block([(":status", "200"), ("content-length", "5")]))
        + RawHTTP2.data(1, "hello", ends: false)
        + RawHTTP2.frame(1, flags: 5, stream: 1, payload: RawHTTP2.block([("trailer", "1")])),
    RawHTTP2.settings() + RawHTTP2.frame(4, flags: 1)
        + RawHTTP2.frame(
            1, flags: 4, stream: 5, payload: [0x88] + RawHTTP2.block([("x", String(repeating: "y", count: 900))]))
        + RawHTTP2.frame(0, flags: 9, stream: 5, payload: [3, 65, 66, 0, 0, 0]),
]

let http2Seeds: [[UInt8]] = [
    RawHTTP2.frame(4) + RawHTTP2.headers(1) + RawHTTP2.headers(3, method: "HEAD") + RawHTTP2.reset(3),
    RawHTTP2.frame(4, payload: [0, 4, 0, 0, 0, 0]) + RawHTTP2.headers(1, method: "POST", ends: false)
        + RawHTTP2.frame(0, flags: 1, stream: 1, payload: Array("hello".utf8))
        + RawHTTP2.frame(8, payload: [0, 1, 0, 0]),
    RawHTTP2.frame(4) + RawHTTP2.frame(6, payload: Array(1...8))
        + RawHTTP2.frame(7, payload: [0, 0, 0, 0, 0, 0, 0, 0])
        + RawHTTP2.headers(5, "/x", more: [("content-length", "99999999999999999999"), ("expect", "100-continue")]),
    RawHTTP2.frame(4) + RawHTTP2.headers(1, more: [("x", String(repeating: "y", count: 4000))]),
    RawHTTP2.frame(4) + RawHTTP2.headers(1, ends: false) + RawHTTP2.headers(1, ends: true)
        + RawHTTP2.frame(2, stream: 3, payload: [0, 0, 0, 1, 16]) + RawHTTP2.frame(9, stream: 3),
]

private let certificates = try? TestCertificates()
private let knownCertificates: [TestCertificates.Pair] =
    [certificates?.authority].compactMap { $0 }
    + [
        try? certificates?.mint(.init(commonName: "alice", organizations: ["dev"], uid: "7"), name: "alice"),
        try? certificates?.mint(.init(commonName: "alice", usage: nil), name: "any"),
    ].compactMap { $0 }
private let verifier = certificates.flatMap { try? CertificateVerifier(pem: $0.authority.certificatePEM) }

/// A certificate that was changed proves nobody but the one it was made for.
private func fuzzCertificate(_ bytes: [UInt8]) -> Bool {
    guard let verifier else { return false }
    let half = bytes.count / 2
    _ = try? verifier.verify([Array(bytes[..<half]), Array(bytes[half...])], at: Int64(time(nil)))
    guard let identity = try? verifier.verify([bytes], at: Int64(time(nil))) else { return true }
    return ["alice", "profefe test CA"].contains(identity.commonName)
}
