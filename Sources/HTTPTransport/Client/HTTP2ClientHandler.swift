internal import CNghttp2
import NIOCore
import NIOHTTP1

/// The client's end of an HTTP/2 connection (RFC 9113), by nghttp2: many exchanges at a time.
///
/// Input is fed to nghttp2 as it comes. Output is pumped once per read and once per tick of the loop, while the channel is writable. A
/// response's window opens as its reader reads; the connection's window is so large that a slow reader stops nobody else.
final class HTTP2ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let pumpBytes = 128 << 10

    let limits: HTTPClientConfiguration
    let pool: ClientConnectionPool
    private let buffers: LoopBuffers
    var context: ChannelHandlerContext?
    /// Nil when the connection has ended.
    var session: HTTP2Session?
    /// Set when the handle is made; the pool knows it by then.
    var connection: HTTP2ClientConnection?

    var streams: [Int32: HTTP2ClientStream] = [:]
    var hasCarried = false
    var fieldBlock = HTTP2FieldBlock()
    /// GOAWAY came, or was sent: nothing new begins.
    var isGoingAway = false
    /// Why exchanges fail, where more is known than that the connection ended.
    var failure: TransportError?
    /// nghttp2's words for what the server did wrong.
    var violation: String?

    var lastHeard = NIODeadline.uptimeNanoseconds(0)
    var pingSent: NIODeadline?
    var keepAlive: MovingDeadline?

    private var isInRead = false
    private var pumpIsScheduled = false
    private var isPumping = false

    private init(buffers: LoopBuffers, _ limits: HTTPClientConfiguration, _ pool: ClientConnectionPool) {
        self.buffers = buffers
        self.limits = limits
        self.pool = pool
    }

    /// Adds a connection to the end of the pipeline, on the channel's loop; preface and SETTINGS are sent at once.
    static func install(
        on channel: any Channel, buffers: LoopBuffers, _ limits: HTTPClientConfiguration,
        _ pool: ClientConnectionPool
    ) throws -> HTTP2ClientConnection {
        let handler = HTTP2ClientHandler(buffers: buffers, limits, pool)
        handler.session = try HTTP2Session(client: handler, limits)
        let connection = HTTP2ClientConnection(channel: channel, handler: handler)
        handler.connection = connection
        try channel.pipeline.syncOperations.addHandler(handler)
        return connection
    }

    // MARK: ChannelHandler

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastHeard = context.eventLoop.now
        keepAlive = MovingDeadline(context.eventLoop) { [unowned self] in checkAlive() }
        schedulePump()
    }

    func handlerRemoved(context: ChannelHandlerContext) { ended() }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil {
            failure =
                error as? TransportError ?? TransportError(.connectionClosed, "the connection broke", cause: error)
        }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session else { return }
        isInRead = true
        lastHeard = context.eventLoop.now
        let input = unwrapInboundIn(data)
        let taken = input.withUnsafeReadableBytes { bytes in
            nghttp2_session_mem_recv(session.pointer, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        }
        guard taken < 0 else { return }
        if failure == nil {
            let text = violation ?? HTTP2Session.text(taken)
            failure = TransportError(.protocolViolation, "the server broke HTTP/2: \(text)")
        }
        isInRead = false
        // What nghttp2 has to say about it, a GOAWAY most times, is sent first.
        pump()
        context.close(promise: nil)
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

    // MARK: output

    /// Pumps at the end of this read, or of this tick of the loop.
    func schedulePump() {
        guard !isInRead, !pumpIsScheduled, let context else { return }
        pumpIsScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.pumpIsScheduled = false
            self.pump()
        }
    }

    /// Sends what nghttp2 has, while the channel takes it; ends the connection when both have no more to say.
    private func pump() {
        guard let context, let session, !isPumping else { return }
        isPumping = true
        // The loop's buffer is taken out, so that a nested use finds one of its own.
        var frames = buffers.frames
        buffers.frames = ByteBuffer()
        frames.clear(minimumCapacity: 4096)
        var isBroken = false
        while context.channel.isWritable, self.session != nil {
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session.pointer, &bytes)
            isBroken = count < 0
            guard count > 0, let bytes else { break }
            frames.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
            guard frames.readableBytes >= Self.pumpBytes else { continue }
            context.writeAndFlush(wrapOutboundOut(frames), promise: nil)
            frames.clear(minimumCapacity: 4096)
        }
        if frames.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(frames), promise: nil) }
        frames.clear()
        buffers.frames = frames
        isPumping = false
        if isBroken || session.isOver { context.close(promise: nil) }
    }

    // MARK: end

    /// Says GOAWAY and closes; what is under way fails.
    func close() {
        guard let context, let session else { return }
        isGoingAway = true
        if failure == nil { failure = TransportError(.connectionClosed, "the client closed the connection") }
        nghttp2_session_terminate_session(session.pointer, HTTP2Code.noError.rawValue)
        pump()
        context.close(promise: nil)
    }

    private func ended() {
        guard context != nil else { return }
        context = nil
        keepAlive?.end()
        let error =
            failure
            ?? TransportError(.connectionClosed, "the server closed the connection before its answer was whole")
        // nghttp2 doesn't report streams when a session is freed.
        let open = streams.values
        streams = [:]
        session = nil
        if let connection { pool.closed(connection) }
        connection = nil
        for stream in open {
            stream.deadline?.end()
            if !stream.isCancelled { stream.exchange.fail(error, isUnprocessed: !stream.isSent) }
        }
    }
}
