import NIOCore

/// A handle on an ``HTTP1ClientHandler`` that may be held and called anywhere.
final class HTTP1ClientConnection: ClientConnection {
    fileprivate let channel: any Channel
    fileprivate let handler: NIOLoopBound<HTTP1ClientHandler>

    /// On the channel's loop.
    init(channel: any Channel, handler: HTTP1ClientHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        handler.connection = self
    }

    var closeFuture: EventLoopFuture<Void> { channel.closeFuture }

    func start(_ exchange: ClientExchange) {
        channel.eventLoop.execute { self.handler.value.start(exchange) }
    }

    func close() { channel.close(promise: nil) }
}

/// The connection as one of its exchanges has it: what comes late doesn't hurt the next.
final class HTTP1ClientTurn: ClientCarrier {
    private let connection: HTTP1ClientConnection
    private let number: Int

    init(_ connection: HTTP1ClientConnection, number: Int) {
        self.connection = connection
        self.number = number
    }

    func bodyConsumed(_ bytes: Int) {
        connection.channel.eventLoop.execute { self.connection.handler.value.bodyConsumed() }
    }

    /// HTTP/1.1 can't take a request back but by closing.
    func cancel() {
        connection.channel.eventLoop.execute { self.connection.handler.value.cancel(turn: self.number) }
    }
}
