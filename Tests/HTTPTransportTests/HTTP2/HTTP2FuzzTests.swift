import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

/// Anything a client may send: the server must end the connection or go on, never trap.
struct HTTP2FuzzTests {
    /// The entry for a fuzzer: the bytes behind the preface, cut in pieces of `cut` bytes.
    static func feed(_ bytes: [UInt8], cut: Int) throws {
        let channel = EmbeddedChannel()
        let loop = channel.embeddedEventLoop
        let context = ConnectionContext(
            handler: ClosureHandler { request, response in
                response.send(.init(status: .ok), body: ByteBuffer(string: request.head.target))
            }, limits: ServerLimits(), executor: LoopExecutor(loop), date: DateCache(loop), logger: .silent,
            observer: SilentObserver())
        let peer = PeerConnection(id: 1)
        try HTTP2Connection.install(on: channel, context: context, peer: peer)
        let all = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + bytes
        for start in stride(from: 0, to: all.count, by: max(1, cut)) where channel.isActive || start == 0 {
            _ = try? channel.writeInbound(ByteBuffer(bytes: all[start..<min(all.count, start + max(1, cut))]))
            loop.run()
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    static let seeds: [[UInt8]] = [
        RawHTTP2.frame(4) + RawHTTP2.headers(1) + RawHTTP2.headers(3, method: "HEAD") + RawHTTP2.reset(3),
        RawHTTP2.frame(4, payload: [0, 4, 0, 0, 0, 0]) + RawHTTP2.headers(1, method: "POST", ends: false)
            + RawHTTP2.frame(0, flags: 1, stream: 1, payload: Array("hello".utf8))
            + RawHTTP2.frame(8, payload: [0, 1, 0, 0]),
        RawHTTP2.frame(4) + RawHTTP2.frame(6, payload: Array(1...8))
            + RawHTTP2.frame(7, payload: [0, 0, 0, 0, 0, 0, 0, 0])
            + RawHTTP2.headers(5, "/x", more: [("content-length", "99999999999999999999"), ("expect", "100-continue")]),
        RawHTTP2.frame(4) + RawHTTP2.headers(1, more: [("x", String(repeating: "y", count: 40_000))]),
    ]

    @Test func `three thousand mutated connections`() throws {
        var generator = SplitMix(seed: 42)
        for round in 0..<3000 {
            var bytes = Self.seeds[round % Self.seeds.count]
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                let index = Int.random(in: 0..<min(bytes.count, 200), using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                }
            }
            try Self.feed(bytes, cut: round % 5 == 0 ? Int.random(in: 1...50, using: &generator) : bytes.count + 24)
        }
    }
}
