import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A pprof endpoint on 127.0.0.1 that answers what a test says, well or badly; it speaks just enough HTTP/1.1 for that.
public final class ScriptedTarget: Sendable {
    /// What one request gets.
    public indirect enum Reply: Sendable {
        /// A well-formed answer with a Content-Length; the connection stays open.
        case answer(Int, [(String, String)] = [], [UInt8])
        /// A body of so many zero bytes, in chunks, without a Content-Length.
        case zeros(Int)
        /// These bytes, whatever they are; then the connection is closed.
        case raw([UInt8])
        /// Nothing; the connection stays open.
        case hang
        /// The connection is closed without an answer.
        case close
        /// A reply that waits until the closure returns.
        case after(@Sendable () async -> Void, Reply)

        /// 200 with `bytes`.
        public static func ok(_ bytes: [UInt8]) -> Reply { .answer(200, [], bytes) }
        /// A text with its status.
        public static func text(_ status: Int, _ text: String) -> Reply {
            .answer(status, [("Content-Type", "text/plain; charset=utf-8")], Array(text.utf8))
        }
    }

    private struct State {
        var requests: [String] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// Where it listens.
    public let port: Int
    private let channel: any Channel
    private let state: NIOLockedValueBox<State>

    private init(_ channel: any Channel, _ state: NIOLockedValueBox<State>) {
        self.channel = channel
        self.state = state
        port = channel.localAddress?.port ?? 0
    }

    /// The request-targets so far, in order.
    public var requests: [String] { state.withLockedValue { $0.requests } }

    /// Returns when so many requests have come.
    public func waitForRequests(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLockedValue { state in
                if state.requests.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Starts a target, gives it to `body`, and closes it.
    ///
    /// - Parameter reply: says what a request gets, from its request-target and its number, counted from 1.
    public static func with<T>(
        _ reply: @escaping @Sendable (_ target: String, _ number: Int) -> Reply,
        _ body: (ScriptedTarget) async throws -> T
    ) async throws -> T {
        let state = NIOLockedValueBox(State())
        let script: @Sendable (String) -> Reply = { target in
            let (number, due) = state.withLockedValue { state in
                state.requests.append(target)
                let count = state.requests.count
                let due = state.waiters.filter { $0.count <= count }
                state.waiters.removeAll { $0.count <= count }
                return (count, due)
            }
            for waiter in due { waiter.continuation.resume() }
            return reply(target, number)
        }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedConnection(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let target = ScriptedTarget(channel, state)
        do {
            let result = try await body(target)
            try? await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// A port where nothing listens.
    public static func closedPort() async throws -> Int {
        try await with({ _, _ in .close }) { $0.port }
    }
}

/// One connection: a head ends with an empty line; requests have no bodies.
private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: @Sendable (String) -> ScriptedTarget.Reply
    private var received = ""

    init(_ script: @escaping @Sendable (String) -> ScriptedTarget.Reply) { self.script = script }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        while let end = received.firstRange(of: "\r\n\r\n") {
            let words = received[..<end.lowerBound].split(separator: " ", maxSplits: 2)
            received = String(received[end.upperBound...])
            answer(script(words.count > 1 ? String(words[1]) : ""), context)
        }
    }

    private func answer(_ reply: ScriptedTarget.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .answer(let status, let headers, let body):
            var head = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.count)\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            send(Array((head + "\r\n").utf8) + body, context)
        case .zeros(let count): sendZeros(count, context)
        case .raw(let bytes):
            let loop = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
                loop.value.close(promise: nil)
            }
        case .hang: break
        case .close: context.close(promise: nil)
        case .after(let wait, let reply):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.makeFutureWithTask { await wait() }.whenSuccess {
                let (connection, context) = bound.value
                connection.answer(reply, context)
            }
        }
    }

    private func sendZeros(_ count: Int, _ context: ChannelHandlerContext) {
        send(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8), context)
        let piece = ByteBuffer(repeating: 0, count: 1 << 20)
        for _ in 0..<(count >> 20) {
            send(Array("100000\r\n".utf8), context)
            context.write(wrapOutboundOut(piece), promise: nil)
            send(Array("\r\n".utf8), context)
        }
        send(Array("0\r\n\r\n".utf8), context)
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
