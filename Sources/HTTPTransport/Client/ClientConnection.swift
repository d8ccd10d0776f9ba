import NIOCore

/// An open connection, as the pool sees it; callable from any thread.
protocol ClientConnection: AnyObject, Sendable {
    /// Sends the exchange's request; fails it as unprocessed if the server has gone meanwhile.
    func start(_ exchange: ClientExchange)
    /// Ends the connection, and what it carries.
    func close()
    /// Done when it is gone.
    var closeFuture: EventLoopFuture<Void> { get }
}

/// What an exchange asks of whatever carries it; callable from any thread.
protocol ClientCarrier: AnyObject, Sendable {
    /// The reader took bytes: the server may send more.
    func bodyConsumed(_ bytes: Int)
    /// The exchange has ended before its response: send no more of it and want no more.
    func cancel()
}

/// Where a connection leads to.
struct ClientOrigin: Hashable, Sendable, CustomStringConvertible {
    let scheme: ClientRequest.Scheme
    let host: String
    let port: Int

    /// `host:port`, the host of an IPv6 address in brackets.
    var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What exchanges must have in common to share connections: the origin, and for `https` the certificates in use.
struct ClientRoute: Hashable, Sendable {
    let origin: ClientOrigin
    /// Nil for `http`.
    let tls: TLSContext?

    static func == (left: Self, right: Self) -> Bool { left.origin == right.origin && left.tls === right.tls }

    func hash(into hasher: inout Hasher) {
        hasher.combine(origin)
        hasher.combine(tls.map(ObjectIdentifier.init))
    }
}
