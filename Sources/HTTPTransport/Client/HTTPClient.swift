public import NIOCore
import NIOHTTP1
import NIOPosix

/// The outgoing half of the transport: HTTP/1.1 over plain TCP.
///
/// It follows no redirects, keeps no cookies, knows no proxies and decodes no content: what the server sent is what the caller gets.
/// Connections are reused per scheme, host and port. A kept connection that the server closed just as a GET, HEAD or OPTIONS was sent
/// costs nobody an error: the request goes once more over a new one (RFC 9112 §9.3.1).
public final class HTTPClient: Sendable {
    private let group: any EventLoopGroup
    private let configuration: HTTPClientConfiguration
    private let pool: ClientConnectionPool

    /// Makes a client whose connections live on the loops of `group`.
    public init(group: any EventLoopGroup, configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.group = group
        self.configuration = configuration
        pool = ClientConnectionPool(limits: configuration)
    }

    /// Sends a request and returns when the response's head is there.
    ///
    /// Throws `.configuration` (the request can't be written), `.connectionRefused`, `.hostUnreachable`, `.timedOut` (connect, head or
    /// total), `.connectionClosed`, `.protocolViolation`, `.headersTooLarge`, `.cancelled`, `.shuttingDown`, `.unsupported`.
    public func execute(_ request: ClientRequest) async throws(TransportError) -> ClientResponse {
        let message = try ClientRequestMessage(request)
        let origin = ClientOrigin(scheme: request.scheme, host: request.host, port: request.port)
        let end = NIODeadline.now() + TimeAmount(request.deadlines.total)
        pool.closeExpired()
        if let kept = pool.take(origin) {
            let exchange = self.exchange(message, request.deadlines, until: end)
            kept.start(exchange)
            do {
                return ClientResponse(try await exchange.head(), exchange: exchange)
            } catch {
                guard error.code == .connectionClosed, message.isRepeatable else { throw error }
            }
        }
        let exchange = self.exchange(message, request.deadlines, until: end)
        connect(origin, exchange)
        return ClientResponse(try await exchange.head(), exchange: exchange)
    }

    /// Closes all connections; exchanges under way fail with `.connectionClosed`, later ones with `.shuttingDown`.
    public func shutdown() async {
        for connection in pool.shutDown() { try? await connection.closed().get() }
    }

    /// Reads the certificate files now, changed or not; later exchanges use new connections.
    ///
    /// Throws `.badCertificate` with the file and its fault, and keeps what was read before.
    public func reloadTLS() async throws(TransportError) {
        throw TransportError(.unsupported, "not yet built")
    }

    /// Closes the connections that wait and gives no new exchange to those at work: what was rotated takes effect.
    public func retireConnections() {
    }

    /// How many connections are open, and how many of them wait for a request.
    public var connectionCounts: (open: Int, idle: Int) { pool.counts }

    private func exchange(_ message: ClientRequestMessage, _ deadlines: ClientDeadlines, until end: NIODeadline)
        -> ClientExchange
    {
        let exchange = ClientExchange(message: message, deadlines: deadlines)
        exchange.limit(to: end - NIODeadline.now(), on: group.any())
        return exchange
    }

    private func connect(_ origin: ClientOrigin, _ exchange: ClientExchange) {
        let eventLoop = group.any()
        let timeout = exchange.deadlines.connect
        let deadline = eventLoop.scheduleTask(in: TimeAmount(timeout)) { exchange.timedOut(.connect) }
        open(origin, on: eventLoop, timeout: timeout).whenComplete { [pool] result in
            deadline.cancel()
            switch result {
            case .failure(let error):
                exchange.fail(TransportError(connecting: origin, error, after: timeout))
            case .success(let connection):
                guard pool.opened(connection) else {
                    connection.close()
                    return exchange.fail(TransportError(.shuttingDown, "the client is shut down"))
                }
                connection.start(exchange)
            }
        }
    }

    private func open(_ origin: ClientOrigin, on eventLoop: any EventLoop, timeout: Duration) -> EventLoopFuture<
        HTTP1ClientConnection
    > {
        guard origin.scheme == .http else {
            return eventLoop.makeFailedFuture(TransportError(.unsupported, "this client speaks no TLS yet"))
        }
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { [pool, configuration] channel in
                channel.eventLoop.makeCompletedFuture { try Self.configure(channel, configuration, pool) }
            }
        // An address needs no resolver.
        let address = try? SocketAddress(ipAddress: origin.host, port: origin.port)
        let connected =
            address.map { bootstrap.connect(to: $0) } ?? bootstrap.connect(host: origin.host, port: origin.port)
        return connected.flatMapThrowing { channel in
            let handler = try channel.pipeline.syncOperations.handler(type: HTTP1ClientHandler.self)
            return HTTP1ClientConnection(origin: origin, channel: channel, handler: handler)
        }
    }
    private static func configure(
        _ channel: any Channel, _ configuration: HTTPClientConfiguration, _ pool: ClientConnectionPool
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maximumHeaderBytes
        limits.maxHeaderListSize = configuration.maximumHeaderBytes
        limits.maxHeaderFieldCount = configuration.maximumHeaderFields
        let handler = HTTP1ClientHandler(onIdle: { pool.put($0) }, onClosed: { pool.closed($0) })
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: limits)), handler,
        ])
    }
}
