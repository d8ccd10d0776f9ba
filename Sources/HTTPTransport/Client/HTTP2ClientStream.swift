import NIOCore
import NIOHTTP1

/// One request and its response on an HTTP/2 connection. Lives on the connection's loop.
final class HTTP2ClientStream {
    let exchange: ClientExchange
    /// What of the request's body is not sent yet.
    var body: ByteBuffer
    var fields = HTTP2ResponseFields()
    /// HEADERS were sent: the server may have acted upon them.
    var isSent = false
    var hasHead = false
    /// END_STREAM came.
    var isComplete = false
    /// Nobody wants the rest; RST_STREAM is on its way.
    var isCancelled = false
    /// Bytes received for which no window was opened yet.
    var unconsumed = 0
    /// For the head, then for the next piece of the body.
    var deadline: MovingDeadline?

    init(_ exchange: ClientExchange) {
        self.exchange = exchange
        body = exchange.message.body ?? ByteBuffer()
    }
}

/// The fields of a response's head as they come, within the limits.
struct HTTP2ResponseFields {
    private(set) var status: Int?
    private(set) var headers = HTTPHeaders()
    private var bytes = 0
    private var count = 0

    /// Adds a field, which nghttp2 has checked (RFC 9113 §8.2, §8.3); false if a limit is passed.
    mutating func add(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ limits: HTTPClientConfiguration
    ) -> Bool {
        let text = String(decoding: value, as: UTF8.self)
        if name.first == UInt8(ascii: ":") {
            if name.elementsEqual(":status".utf8) { status = HTTPText.decimal(text) }
            return true
        }
        bytes += name.count + value.count
        count += 1
        guard bytes <= limits.maximumHeaderBytes, count <= limits.maximumHeaderFields else { return false }
        headers.add(name: String(decoding: name, as: UTF8.self), value: text)
        return true
    }
}

/// A stream as its exchange has it.
final class HTTP2ClientCarrier: ClientCarrier {
    private let connection: HTTP2ClientConnection
    private let id: Int32

    init(_ connection: HTTP2ClientConnection, id: Int32) {
        self.connection = connection
        self.id = id
    }

    func bodyConsumed(_ bytes: Int) { connection.onLoop { [id] in $0.consumed(bytes, id) } }
    func cancel() { connection.onLoop { [id] in $0.cancel(id) } }
}

/// A handle on an ``HTTP2ClientHandler`` that may be held and called anywhere.
final class HTTP2ClientConnection: ClientConnection {
    private let channel: any Channel
    private let handler: NIOLoopBound<HTTP2ClientHandler>

    /// On the channel's loop.
    init(channel: any Channel, handler: HTTP2ClientHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    var closeFuture: EventLoopFuture<Void> { channel.closeFuture }

    // Never at once: the pool may be told something from within nghttp2's callbacks, where nothing may be sent.
    func start(_ exchange: ClientExchange) { channel.eventLoop.execute { self.handler.value.start(exchange) } }
    func close() { channel.eventLoop.execute { self.handler.value.close() } }

    /// `work` may only submit.
    fileprivate func onLoop(_ work: @escaping @Sendable (HTTP2ClientHandler) -> Void) {
        let eventLoop = channel.eventLoop
        if eventLoop.inEventLoop {
            work(handler.value)
        } else {
            eventLoop.execute { work(self.handler.value) }
        }
    }
}
