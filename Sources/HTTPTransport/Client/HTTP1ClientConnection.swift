import NIOCore

/// A handle on an ``HTTP1ClientHandler`` that may be held and called anywhere.
final class HTTP1ClientConnection: ClientConnection {
    let origin: ClientOrigin
    private let channel: any Channel
    private let handler: NIOLoopBound<HTTP1ClientHandler>

    /// On the channel's loop.
    init(origin: ClientOrigin, channel: any Channel, handler: HTTP1ClientHandler) {
        self.origin = origin
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Sends the exchange's request; fails it with `.connectionClosed` if the server has gone meanwhile.
    func start(_ exchange: ClientExchange) {
        channel.eventLoop.execute { self.handler.value.start(exchange, on: self) }
    }

    func bodyConsumed() {
        channel.eventLoop.execute { self.handler.value.bodyConsumed() }
    }

    func close() { channel.close(promise: nil) }

    /// Done when the channel is gone.
    func closed() -> EventLoopFuture<Void> {
        channel.close(promise: nil)
        return channel.closeFuture
    }
}

/// Where a connection leads to; connections are reused for the same origin only.
struct ClientOrigin: Hashable, Sendable {
    let scheme: ClientRequest.Scheme
    let host: String
    let port: Int
}
