import NIOCore
import NIOHTTP1

/// The client's end of one HTTP/1.1 connection: carries one exchange at a time, then waits for the next.
///
/// Reads are held while the reader is `highWater` bytes behind, so that the server feels it by TCP's window.
final class HTTP1ClientHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPClientRequestPart

    private enum State {
        case idle
        case awaitingHead(ClientExchange, Scheduled<Void>)
        case readingBody(ClientExchange, keepAlive: Bool)
        case closed
    }

    private static let highWater = 256 * 1024

    private var state = State.idle
    private var context: ChannelHandlerContext?
    /// Set when the handle is made; the pool knows it by then.
    var connection: HTTP1ClientConnection?
    /// How many exchanges it has carried, with the one it carries.
    private var turns = 0
    private var idleDeadline: Scheduled<Void>?
    private var readHeld = false
    private let pool: ClientConnectionPool

    /// `pool` is told when the connection may carry another exchange, and when it never will again.
    init(pool: ClientConnectionPool) { self.pool = pool }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connection = nil
    }

    // MARK: the exchange's side, on the loop

    /// Sends the exchange's request.
    func start(_ exchange: ClientExchange) {
        guard case .idle = state, let context, let connection, context.channel.isActive else {
            return exchange.fail(
                TransportError(.connectionClosed, "the server closed the connection before the request was sent"),
                isUnprocessed: true)
        }
        turns += 1
        guard exchange.attach(HTTP1ClientTurn(connection, number: turns), isKept: turns > 1) else {
            return pool.ended(connection)
        }
        let deadline = context.eventLoop.scheduleTask(in: TimeAmount(exchange.deadlines.head)) {
            exchange.timedOut(.head)
        }
        state = .awaitingHead(exchange, deadline)
        context.write(wrapOutboundOut(.head(exchange.message.head)), promise: nil)
        if let body = exchange.message.body, body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        releaseRead(context)
    }

    /// The exchange of a turn has failed or is not wanted any more.
    func cancel(turn: Int) {
        switch state {
        case .awaitingHead where turn == turns, .readingBody where turn == turns: context?.close(promise: nil)
        case .idle, .awaitingHead, .readingBody, .closed: break
        }
    }

    /// The reader took bytes.
    func bodyConsumed() {
        guard let context, case .readingBody(let exchange, _) = state, exchange.pipe.bufferedBytes < Self.highWater / 2
        else { return }
        releaseRead(context)
    }

    // MARK: the server's side

    func read(context: ChannelHandlerContext) {
        if case .readingBody(let exchange, _) = state, exchange.pipe.bufferedBytes >= Self.highWater {
            readHeld = true
            idleDeadline?.cancel()
            idleDeadline = nil
        } else {
            context.read()
        }
    }

    private func releaseRead(_ context: ChannelHandlerContext) {
        guard readHeld else { return }
        readHeld = false
        if case .readingBody(let exchange, _) = state { armIdle(context, exchange) }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .awaitingHead(let exchange, let deadline)):
            deadline.cancel()
            guard head.status != .switchingProtocols else {
                return fail(context, TransportError(.protocolViolation, "the server switched protocols unasked"))
            }
            state = .readingBody(exchange, keepAlive: head.isKeepAlive && !exchange.message.closesConnection)
            armIdle(context, exchange)
            exchange.receive(
                ClientExchangeHead(
                    HTTPResponseHead(status: head.status, headers: head.headers), head.version,
                    to: exchange.message.head.method))
        case (.body(let buffer), .readingBody(let exchange, _)):
            armIdle(context, exchange)
            exchange.pipe.receive(buffer)
        case (.end, .readingBody(let exchange, let keepAlive)):
            end(context, exchange, keepAlive: keepAlive)
        case (_, .closed):
            break
        case (_, .idle), (_, .awaitingHead), (_, .readingBody):
            fail(context, TransportError(.protocolViolation, "the server sent what was not asked for"))
        }
    }

    private func end(_ context: ChannelHandlerContext, _ exchange: ClientExchange, keepAlive: Bool) {
        idleDeadline?.cancel()
        idleDeadline = nil
        state = keepAlive ? .idle : .closed
        // The reader that learns of the end may send its next request at once: the connection must be free by then.
        exchange.detach()
        if let connection { keepAlive ? pool.ended(connection) : pool.closed(connection) }
        exchange.pipe.finish()
        if keepAlive { releaseRead(context) } else { context.close(promise: nil) }
    }

    /// An answer that stalls is told from one that is slow by progress alone.
    private func armIdle(_ context: ChannelHandlerContext, _ exchange: ClientExchange) {
        idleDeadline?.cancel()
        idleDeadline = context.eventLoop.scheduleTask(in: TimeAmount(exchange.deadlines.idle)) {
            exchange.timedOut(.idle)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, TransportError(.connectionClosed, "the server closed the connection before its answer was whole"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, TransportError(receiving: error))
    }

    private func fail(_ context: ChannelHandlerContext, _ error: TransportError) {
        let before = state
        state = .closed
        idleDeadline?.cancel()
        idleDeadline = nil
        if case .closed = before {} else if let connection { pool.closed(connection) }
        switch before {
        case .awaitingHead(let exchange, let deadline):
            deadline.cancel()
            exchange.fail(error)
        case .readingBody(let exchange, _):
            exchange.fail(error)
        case .idle, .closed:
            break
        }
        context.close(promise: nil)
    }
}
