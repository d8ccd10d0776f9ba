import Logging
import NIOCore
import NIOHTTP1

/// The server's end of an HTTP/1 connection (RFC 9112): requests in the order they came, one at a time, each answered before the next begins.
///
/// Bounds: the decoder keeps one head (`ServerLimits.headerListBytes`), the current body's pipe `streamWindowBytes`, the requests behind the
/// current one what a single read brought; beyond that reading stops and TCP's window tells the client. Answers wait up to
/// `responseBufferBytes` before a writer suspends.
final class HTTP1Connection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// How far the connection is from its end.
    enum End {
        case open
        /// The last answer is being sent; `lingers` if the client is still sending.
        case flushing(lingers: Bool)
        /// All is sent; what still comes is thrown away, so that no reset overtakes the answer.
        case lingering
        case closed
    }

    /// What is read of an unwanted body to keep the connection for the next request. As net/http's 256 KiB.
    static let drainBytes = 256 << 10
    /// How long that may take, and how long a client may take to end its side of a connection that was ended.
    static let drainTime = Duration.seconds(2)

    let context: ConnectionContext
    let peer: PeerConnection
    var channelContext: ChannelHandlerContext?
    var end = End.open
    /// Answers say `Connection: close` from now on.
    var isDraining = false
    /// And the connection ends where no request is in progress.
    var isFinishing = false

    var turn: HTTP1Turn?
    var lastID: UInt64 = 0
    /// Parts behind the current request.
    var pending = CircularBuffer<HTTPServerRequestPart>()
    /// The decoder gave up behind the pending parts.
    var refusal: HTTP1Refusal?
    private var isAdvancing = false
    private var holdsRead = false

    var output = HTTP1Output()
    var wait: HTTP1Wait?
    var waitDeadline: MovingDeadline?
    var stallDeadline: MovingDeadline?

    init(context: ConnectionContext, peer: PeerConnection) {
        self.context = context
        self.peer = peer
    }

    /// Adds the connection's handlers to the end of the pipeline, on the channel's loop.
    static func install(on channel: any Channel, context: ConnectionContext, peer: PeerConnection) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = context.limits.headerListBytes
        limits.maxHeaderFieldSize = context.limits.headerListBytes
        limits.maxHeaderFieldCount = Swift.max(256, context.limits.headerListBytes / 128)
        let connection = HTTP1Connection(context: context, peer: peer)
        try channel.pipeline.syncOperations.addHandlers([
            HTTP1ByteWatch(connection), ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)),
            connection,
        ])
    }

    // MARK: ChannelHandler

    func handlerAdded(context: ChannelHandlerContext) {
        channelContext = context
        waitDeadline = MovingDeadline(context.eventLoop) { [unowned self] in waitIsOver() }
        stallDeadline = MovingDeadline(context.eventLoop) { [unowned self] in stallIsOver() }
        begin(.idle)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        disconnected()
        channelContext = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = end else { return }
        output.isInRead = true
        pending.append(unwrapInboundIn(data))
        advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        output.isInRead = false
        flushIfNeeded()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        holdsRead = !wantsRead
        if !holdsRead { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        disconnected()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            break  // The end of the channel, or of what it may carry, follows by itself.
        default:
            if let refusal = HTTP1Refusal(error) {
                if self.refusal == nil { self.refusal = refusal }
                advance()
            } else {
                self.context.logger.debug("connection failed", metadata: ["error": "\(error)"])
                context.close(promise: nil)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? DrainEvent else { return context.fireUserInboundEventTriggered(event) }
        isDraining = true
        switch event {
        case .prepare: break
        case .finish:
            isFinishing = true
            if turn == nil, pending.isEmpty { closeWhenFlushed(lingers: false) }
        case .closeNow: closeNow()
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: order

    /// Takes pending parts as far as the state allows. Never nested, however many requests a read brought.
    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        while case .open = end, let part = pending.first, canTake(part) {
            pending.removeFirst()
            take(part)
        }
        if case .open = end, pending.isEmpty, let refusal { act(on: refusal) }
        isAdvancing = false
        releaseRead()
    }

    private func canTake(_ part: HTTPServerRequestPart) -> Bool {
        switch part {
        case .head: turn == nil && output.waiting < context.limits.responseBufferBytes
        case .body, .end: true
        }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): startTurn(head)
        case .body(let bytes): receive(bytes)
        case .end: requestIsWhole()
        }
    }

    // MARK: reading

    private var wantsRead: Bool {
        switch end {
        case .open: break
        case .flushing, .lingering: return true
        case .closed: return false
        }
        guard pending.isEmpty else { return false }
        guard let turn, !turn.requestIsWhole, !turn.isAnswered, let pipe = turn.pipe else { return true }
        return pipe.bufferedBytes < context.limits.streamWindowBytes
    }

    func releaseRead() {
        guard holdsRead, wantsRead, let channelContext else { return }
        holdsRead = false
        channelContext.read()
    }
}

/// Tells the connection of bytes before the decoder has made a head of them.
final class HTTP1ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: HTTP1Connection

    init(_ connection: HTTP1Connection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.bytesArrived()
        context.fireChannelRead(data)
    }
}
