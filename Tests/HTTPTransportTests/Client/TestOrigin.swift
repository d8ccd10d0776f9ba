import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

@testable import HTTPTransport

/// Servers on loopback for the client's tests, closed when the test is done.
final class TestOrigin: Sendable {
    let port: Int
    private let channel: any Channel
    private let accepted: NIOLockedValueBox<Int>

    /// How many connections came so far.
    var connections: Int { accepted.withLockedValue { $0 } }

    private init(_ channel: any Channel, _ accepted: NIOLockedValueBox<Int>) {
        self.channel = channel
        self.accepted = accepted
        port = channel.localAddress?.port ?? 0
    }

    /// Our own HTTP/1.1 server.
    static func serve<T>(
        _ handler: any HTTPHandler, limits: ServerLimits = ServerLimits(), _ body: (TestOrigin) async throws -> T
    ) async throws -> T {
        try await run(body) { channel in
            let loop = channel.eventLoop
            let context = ConnectionContext(
                handler: handler, limits: limits, executor: LoopExecutor(loop), date: DateCache(loop),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, observer: SilentObserver())
            try HTTP1Connection.install(on: channel, context: context, peer: PeerConnection(id: 1))
        }
    }

    /// A server that says `answer` to the first bytes of every connection, whatever they are; it closes then, or at the next bytes.
    static func say<T>(_ answer: String, thenClose: Bool, _ body: (TestOrigin) async throws -> T) async throws -> T {
        try await run(body) { channel in
            try channel.pipeline.syncOperations.addHandler(Script(answer: answer, thenClose: thenClose))
        }
    }

    private static func run<T>(
        _ body: (TestOrigin) async throws -> T, _ install: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> T {
        let accepted = NIOLockedValueBox(0)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                accepted.withLockedValue { $0 += 1 }
                return channel.eventLoop.makeCompletedFuture { try install(channel) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let origin = TestOrigin(channel, accepted)
        do {
            let result = try await body(origin)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

/// Answers the first read, closes at the second.
private final class Script: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String
    private let thenClose: Bool
    private var hasAnswered = false

    init(answer: String, thenClose: Bool) {
        self.answer = answer
        self.thenClose = thenClose
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasAnswered else { return context.close(promise: nil) }
        hasAnswered = true
        let sent = context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)))
        if thenClose { sent.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
