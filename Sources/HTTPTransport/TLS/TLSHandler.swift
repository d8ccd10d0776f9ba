import NIOCore

/// TLS between a channel's bytes and the HTTP handlers behind it.
///
/// Encrypts only while the channel is writable, in pieces of 124 KiB, small writes joined in one record; what waits is
/// bounded by those above, who produce only while the channel is writable. Closing sends what waits, then close_notify,
/// then waits up to ``lingerTime`` for the client's end, so that no reset overtakes the last answer. A client waits for nobody.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is to be known of a handshake.
    struct Events {
        /// Adds the HTTP handlers; the pipeline reads on when it returns.
        let established: (any Channel, TLSPeer) throws -> Void
        /// `.connectionClosed` for a peer that left, `.timedOut`, `.protocolViolation` for plain HTTP, `.handshakeFailed`.
        let failed: (TransportError) -> Void
    }
    enum State {
        case handshaking, open
        /// Sending what waits, then close_notify.
        case closing
        /// All is sent; waits for the client's end.
        case lingering
        case closed
    }

    /// What is encrypted and sent in one go. As ciphertext it fills two of the largest packets that Linux makes (64 KiB, heads included);
    /// 64 KiB of plaintext would take one and a little of a second, which costs as much as a full one.
    static let pieceBytes = 124 << 10
    /// Writes smaller than this are joined.
    static let joinedBytes = 16 << 10
    static let plainBytes = 64 << 10
    static let lingerTime = TimeAmount.seconds(1)

    let session: TLSSession
    let loop: LoopBuffers
    private let handshakeTimeout: Duration
    /// How long what waits may take to be sent before a close.
    private let closeTimeout: Duration
    private let events: Events
    var state = State.handshaking
    var pending = CircularBuffer<PendingWrite>(initialCapacity: 2)
    private var deadline: Scheduled<Void>?
    private var closePromise: EventLoopPromise<Void>?

    /// Plaintext that waits for the channel.
    struct PendingWrite {
        var plain: ByteBuffer
        let promise: EventLoopPromise<Void>?
    }

    init(session: TLSSession, handshakeTimeout: Duration, closeTimeout: Duration, events: Events) {
        self.session = session
        loop = session.bytes.loop
        self.handshakeTimeout = handshakeTimeout
        self.closeTimeout = closeTimeout
        self.events = events
    }

    // MARK: life

    func handlerAdded(context: ChannelHandlerContext) {
        let time = handshakeTimeout
        schedule(TimeAmount(time), context) { handler, context in
            handler.fail(TransportError(.timedOut, "the TLS handshake took longer than \(time)"), context)
        }
        if session.isClient, context.channel.isActive { shakeHands(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        if session.isClient, case .handshaking = state { shakeHands(context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .handshaking:
            events.failed(TransportError(.connectionClosed, "the \(session.peerName) left during the handshake"))
        case .open where session.isClient:
            // An answer that ends with the connection could have been cut by anyone on the way.
            context.fireErrorCaught(TransportError(.connectionClosed, "the server ended TLS without saying so"))
        case .open, .closing, .lingering, .closed: break
        }
        ended()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { ended() }

    private func ended() {
        state = .closed
        deadline?.cancel()
        deadline = nil
        let waiting = pending
        pending = CircularBuffer(initialCapacity: 0)
        for write in waiting { write.promise?.fail(ChannelError.ioOnClosedChannel) }
        let promise = closePromise
        closePromise = nil
        promise?.succeed(())
    }

    private func schedule(
        _ time: TimeAmount, _ context: ChannelHandlerContext,
        _ work: @escaping (TLSHandler, ChannelHandlerContext) -> Void
    ) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            guard let self else { return }
            work(self, context)
        }
    }

    // MARK: inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        switch state {
        case .handshaking:
            if session.bytes.input.readableBytes == 0, PlainHTTP.begins(buffer) { return receivePlainHTTP(context) }
            session.receive(buffer)
            shakeHands(context)
        case .open:
            session.receive(buffer)
            decrypt(context)
        case .closing, .lingering, .closed:
            break
        }
    }

    private func shakeHands(_ context: ChannelHandlerContext) {
        let step = session.handshake()
        flushCipher(context, promise: nil)
        switch step {
        case .needsInput: break
        case .closed:
            fail(TransportError(.connectionClosed, "the \(session.peerName) left during the handshake"), context)
        case .failed(let error): fail(error, context)
        case .done:
            state = .open
            deadline?.cancel()
            deadline = nil
            do {
                try events.established(context.channel, session.peer())
            } catch {
                context.fireErrorCaught(error)
                return context.close(promise: nil)
            }
            decrypt(context)
        }
    }

    private func decrypt(_ context: ChannelHandlerContext) {
        while case .open = state {
            // Taken out, so that a nested use finds an empty buffer of its own.
            var plain = loop.plain
            loop.plain = ByteBuffer()
            plain.clear(minimumCapacity: Self.plainBytes)
            let step = session.read(into: &plain)
            if plain.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(plain)) }
            loop.plain = plain
            if loop.cipher.readableBytes > 0 { flushCipher(context, promise: nil) }
            switch step {
            case .done: continue
            case .needsInput: return
            case .closed: return close(context: context, mode: .all, promise: nil)
            case .failed(let error):
                context.fireErrorCaught(error)
                state = .closed
                return context.close(promise: nil)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        if let event = event as? DrainEvent, event == .closeNow {
            state = .closed
            context.close(promise: nil)
        }
    }

    // MARK: failure

    private func fail(_ error: TransportError, _ context: ChannelHandlerContext) {
        guard case .handshaking = state else { return }
        state = .closed
        deadline?.cancel()
        events.failed(error)
        context.close(promise: nil)
    }

    private func receivePlainHTTP(_ context: ChannelHandlerContext) {
        if let client = session.bytes.client {
            return fail(
                TransportError(.protocolViolation, "\(client.place) speaks plain HTTP, not TLS"), context)
        }
        events.failed(TransportError(.protocolViolation, "the client sent an HTTP request to an HTTPS server"))
        state = .lingering
        context.writeAndFlush(wrapOutboundOut(PlainHTTP.answer), promise: nil)
        linger(context)
    }

    // MARK: closing

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all else { return context.close(mode: mode, promise: promise) }
        switch state {
        case .open where session.isClient:
            encrypt(context)
            session.shutdown()
            flushCipher(context, promise: nil)
            state = .closed
            context.close(promise: promise)
        case .open:
            state = .closing
            if let promise { closePromise.setOrCascade(to: promise) }
            schedule(TimeAmount(closeTimeout), context) { _, context in context.close(promise: nil) }
            encrypt(context)
        case .closing, .lingering:
            if let promise { closePromise.setOrCascade(to: promise) }
        case .handshaking, .closed:
            state = .closed
            context.close(promise: promise)
        }
    }

    /// Everything is encrypted: say goodbye.
    func drained(_ context: ChannelHandlerContext) {
        guard case .closing = state else { return }
        session.shutdown()
        state = .lingering
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.linger(context) }
        flushCipher(context, promise: sent)
    }

    private func linger(_ context: ChannelHandlerContext) {
        guard case .lingering = state else { return }
        context.close(mode: .output, promise: nil)
        schedule(Self.lingerTime, context) { _, context in context.close(promise: nil) }
    }
}

/// Plain HTTP sent to the TLS port.
enum PlainHTTP {
    static let answer = ByteBuffer(
        string: "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
            + "Client sent an HTTP request to an HTTPS server.\n")

    /// A TLS record of a handshake begins with 22, an HTTP request (and the preface of HTTP/2) with a letter.
    static func begins(_ buffer: ByteBuffer) -> Bool {
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return false }
        return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
    }
}
