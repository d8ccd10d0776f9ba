import NIOCore

/// Without TLS: the first bytes tell HTTP/2 with prior knowledge (RFC 9113 §3.3) from HTTP/1.
final class PlainProtocolSelector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0".utf8)

    private let timeout: Duration
    private let install: (any Channel, _ isHTTP2: Bool) throws -> Void
    private var seen = ByteBuffer()
    private var isDone = false
    private var deadline: Scheduled<Void>?

    init(timeout: Duration, install: @escaping (any Channel, _ isHTTP2: Bool) throws -> Void) {
        self.timeout = timeout
        self.install = install
    }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) {
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var buffer = unwrapInboundIn(data)
        seen.writeBuffer(&buffer)
        let known = seen.readableBytesView.prefix(Self.preface.count)
        let mayBeHTTP2 = known.elementsEqual(Self.preface.prefix(known.count))
        guard !mayBeHTTP2 || known.count == Self.preface.count else { return }
        isDone = true
        deadline?.cancel()
        do {
            try install(context.channel, mayBeHTTP2)
        } catch {
            context.fireErrorCaught(error)
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(seen))
        seen = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
