import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPTransport

/// The client's session over a channel in memory, where time passes when it is told to.
@Suite(.timeLimit(.minutes(2))) struct HTTP2ClientKeepAliveTests {
    /// A connection with one request on it.
    private final class Scene {
        let channel = EmbeddedChannel()
        let exchange: ClientExchange

        init() throws {
            let configuration = HTTPClientConfiguration()
            let pool = ClientConnectionPool(
                dialer: ClientDialer(group: channel.embeddedEventLoop, configuration: configuration))
            let connection = try HTTP2ClientHandler.install(
                on: channel, buffers: LoopBuffers(), configuration, pool)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            let message = try ClientRequestMessage(ClientRequest(scheme: .https, host: "localhost"))
            exchange = ClientExchange(
                message: message, deadlines: ClientDeadlines(head: .seconds(3600), idle: .seconds(3600)))
            connection.start(exchange)
            channel.embeddedEventLoop.run()
            try say(RawHTTP2.settings())
            _ = try frames()
        }

        func say(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

        /// What was sent since the last time, by type.
        func frames() throws -> [UInt8] {
            channel.embeddedEventLoop.run()
            var all = ByteBuffer()
            while let more = try channel.readOutbound(as: ByteBuffer.self) { all.writeImmutableBuffer(more) }
            if all.readableBytesView.starts(with: Array("PRI ".utf8)) { all.moveReaderIndex(forwardBy: 24) }
            var types: [UInt8] = []
            while let frame = RawHTTP2.take(from: &all) { types.append(frame.type) }
            return types
        }

        func pass(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
    }

    @Test func silenceIsAskedAboutAndAnAnswerKeepsTheConnection() throws {
        let scene = try Scene()
        scene.pass(29)
        #expect(try scene.frames() == [])
        scene.pass(1)
        #expect(try scene.frames() == [RawHTTP2.Kind.ping])
        scene.pass(14)
        try scene.say(RawHTTP2.frame(RawHTTP2.Kind.ping, flags: 1, payload: [0, 0, 0, 0, 0, 0, 0, 0]))
        scene.pass(10)
        #expect(scene.channel.isActive)
        #expect(try scene.frames() == [])
        scene.pass(20)
        #expect(try scene.frames() == [RawHTTP2.Kind.ping])
        _ = try? scene.channel.finish(acceptAlreadyClosed: true)
    }

    @Test func aConnectionThatAnswersNoPingIsLost() async throws {
        let scene = try Scene()
        scene.pass(30)
        scene.pass(14)
        #expect(scene.channel.isActive)
        scene.pass(1)
        #expect(!scene.channel.isActive)
        let failure = await scene.exchange.head()
        guard case .failure(let error) = failure else {
            Issue.record("it has a head")
            return
        }
        #expect(error.code == .connectionClosed)
        #expect(error.message.contains("PING within 15.0 seconds"))
    }

    @Test func dataIsAsGoodAsAnAnswer() throws {
        let scene = try Scene()
        for _ in 0..<10 {
            scene.pass(25)
            try scene.say(RawHTTP2.settings())
            #expect(try scene.frames() == [RawHTTP2.Kind.settings])
        }
        #expect(scene.channel.isActive)
        _ = try? scene.channel.finish(acceptAlreadyClosed: true)
    }
}
