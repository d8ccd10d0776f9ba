internal import CNghttp2
import Logging
import NIOCore

/// The server's end of an HTTP/2 connection (RFC 9113), by nghttp2.
///
/// Input is fed to nghttp2 as it comes; requests begin their handlers when a read is processed, so a stream that is opened
/// and reset in one packet never starts one. Output is pumped once per read and once per tick for late answers, up to
/// what TLS sends in one go at a time, and only while the channel is writable.
///
/// Bounds: request bodies by the windows, answers by `responseBufferBytes` per stream, handlers at work by
/// `concurrentStreams` even when their streams are gone, resets and control frames by rate.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The largest frame that is sent, with its head.
    private static let frameBytes = 9 + 16_384

    let context: ConnectionContext
    let peer: PeerConnection
    let buffers: LoopBuffers
    var limits: ServerLimits { context.limits }
    var channelContext: ChannelHandlerContext?
    /// Nil when the connection has ended.
    var session: HTTP2Session?

    var streams = HTTP2Streams()
    /// The one whose head is coming: its fields come one after the other.
    var receiving: HTTP2Stream?
    var heads = HTTP2HeadReader()
    /// Requests whose head came in the current read.
    private var ready: [HTTP2Stream] = []
    /// Answered and closed, but their handlers go on.
    var finishing: [Int32: HTTP2Stream] = [:]
    var handlersAtWork = 0
    /// Requests so far.
    var requestCount = 0
    var fieldBlock = HTTP2FieldBlock()

    var resets: AbuseMeter
    var controlFrames: AbuseMeter
    var isAbused = false

    /// Frames on their way out; the loop's buffer while a pump runs.
    var frames = ByteBuffer()
    private var isInRead = false
    private var pumpIsScheduled = false
    private var isPumping = false
    private var isClosing = false

    var lastActive = NIODeadline.now()
    /// The time, read once per read: a batch of requests is answered within the same millisecond.
    var now: NIODeadline { isInRead ? lastActive : .now() }
    /// The value of `date`; read once per read, too.
    var date: String { isInRead ? dateOfRead : context.date.value }
    private var dateOfRead = ""
    var headBegan: NIODeadline?
    var writesInFlight = 0
    var lastWriteProgress = NIODeadline.now()
    var watchdog: MovingDeadline?
    var drainPhase = HTTP2Drain.none

    init(context: ConnectionContext, peer: PeerConnection) {
        self.context = context
        self.peer = peer
        buffers = context.buffers?.value ?? LoopBuffers()
        resets = AbuseMeter(burst: context.limits.resetBurst, perSecond: context.limits.resetsPerSecond)
        controlFrames = AbuseMeter(
            burst: context.limits.controlFrameBurst, perSecond: context.limits.controlFramesPerSecond)
    }

    /// Adds the connection to the end of the pipeline, on the channel's loop; it sends its SETTINGS at once.
    static func install(on channel: any Channel, context: ConnectionContext, peer: PeerConnection) throws {
        let connection = HTTP2Connection(context: context, peer: peer)
        connection.session = try HTTP2Session(owner: connection, limits: context.limits)
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    // MARK: ChannelHandler

    func handlerAdded(context: ChannelHandlerContext) {
        channelContext = context
        startWatchdog(context.eventLoop)
        schedulePump()
    }

    func handlerRemoved(context: ChannelHandlerContext) { ended() }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.context.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session, !isClosing else { return }
        isInRead = true
        lastActive = .now()
        dateOfRead = self.context.date.value
        let input = unwrapInboundIn(data)
        let taken = input.withUnsafeReadableBytes { bytes in
            nghttp2_session_mem_recv(session.pointer, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        }
        if taken < 0 { return receiveFailed(taken) }
        startHandlers()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isInRead = false
        pump()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { pump() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? DrainEvent { drain(event) }
        context.fireUserInboundEventTriggered(event)
    }

    private func receiveFailed(_ code: Int) {
        context.logger.debug(
            "HTTP/2 connection failed", metadata: ["error": "\(HTTP2Session.text(code))", "connection": "\(peer.id)"])
        if code == Int(NGHTTP2_ERR_FLOODED.rawValue) { context.observer.limitReached("controlFrameRate") }
        isInRead = false
        // What nghttp2 has to say about it, a GOAWAY most times, is sent first.
        pump()
        close()
    }

    private func startHandlers() {
        while !ready.isEmpty {
            let batch = ready
            ready.removeAll(keepingCapacity: true)
            for stream in batch where stream.isOpen { start(stream) }
        }
    }

    func requestIsReady(_ stream: HTTP2Stream) { ready.append(stream) }

    // MARK: output

    /// Whether nghttp2 may write on in this pump.
    var hasRoom: Bool { frames.readableBytes + Self.frameBytes <= TLSHandler.pieceBytes }

    /// Pumps at the end of this read, or of this tick of the loop.
    func schedulePump() {
        guard !isInRead, !pumpIsScheduled, let channelContext else { return }
        pumpIsScheduled = true
        channelContext.eventLoop.assumeIsolated().execute {
            self.pumpIsScheduled = false
            self.pump()
        }
    }

    /// Sends what nghttp2 has, while the channel takes it; ends the connection when both have no more to say.
    func pump() {
        guard let channelContext, !isPumping, !isClosing else { return }
        isPumping = true
        // The loop's buffer is taken out, so that a nested use finds one of its own.
        frames = buffers.frames
        buffers.frames = ByteBuffer()
        while let session, channelContext.channel.isWritable {
            frames.clear(minimumCapacity: 4096)
            let result = nghttp2_session_send(session.pointer)
            if frames.readableBytes > 0 { write(channelContext) }
            if result != 0 {
                context.logger.debug("HTTP/2 can't send", metadata: ["error": "\(HTTP2Session.text(result))"])
                isPumping = false
                return close()
            }
            if hasRoom { break }
        }
        buffers.frames = frames
        frames = ByteBuffer()
        isPumping = false
        if let session, session.isOver { close() }
    }

    private func write(_ channelContext: ChannelHandlerContext) {
        if writesInFlight == 0 { lastWriteProgress = .now() }
        writesInFlight += 1
        let promise = channelContext.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            writesInFlight -= 1
            lastWriteProgress = .now()
        }
        channelContext.writeAndFlush(wrapOutboundOut(frames), promise: promise)
    }

    // MARK: end

    /// Sends what is with the channel, then closes.
    func close() {
        guard !isClosing, let channelContext else { return }
        isClosing = true
        channelContext.close(promise: nil)
    }

    private func ended() {
        guard channelContext != nil else { return }
        channelContext = nil
        watchdog?.end()
        // nghttp2 doesn't report streams when a session is freed.
        for stream in streams.all {
            end(stream, TransportError(.connectionClosed, "the connection ended"))
        }
        ready.removeAll()
        session = nil
    }
}
