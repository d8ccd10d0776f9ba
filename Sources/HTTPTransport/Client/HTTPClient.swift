public import NIOCore
import NIOHTTP1

/// The outgoing half of the transport: HTTP/1.1, and HTTP/2 where a server offers it by ALPN.
///
/// It follows no redirects, keeps no cookies, knows no proxies and decodes no content: what the server sent is what the caller gets.
/// Connections are shared per scheme, host and port: HTTP/2 carries many requests on one, and first requests at once share one
/// handshake. A request that the server has not seen (refused stream, GOAWAY, a connection that was closed before) goes once more over a
/// new connection, and so does a GET, HEAD or OPTIONS that a kept connection lost (RFC 9112 §9.3.1, RFC 9113 §8.7).
public final class HTTPClient: Sendable {
    private let group: any EventLoopGroup
    private let tls: ClientTLS
    private let pool: ClientConnectionPool
    /// A request is tried so often at most: every kept connection of an origin may be dead.
    private let attempts: Int

    /// Makes a client whose connections live on the loops of `group`.
    public init(group: any EventLoopGroup, configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.group = group
        tls = ClientTLS(configuration.tls)
        pool = ClientConnectionPool(dialer: ClientDialer(group: group, configuration: configuration))
        attempts = max(3, configuration.idleConnectionsPerOrigin) + 2
    }

    /// Sends a request and returns when the response's head is there.
    ///
    /// Throws `.configuration` (the request can't be written), `.connectionRefused`, `.hostUnreachable`, `.timedOut` (connect, head or
    /// total), `.handshakeFailed`, `.badCertificate` (the server's is not trusted, or our files can't be used), `.connectionClosed`,
    /// `.protocolViolation`, `.headersTooLarge`, `.enhanceYourCalm`, `.overloaded`, `.cancelled`, `.shuttingDown`, `.unsupported`.
    public func execute(_ request: ClientRequest) async throws(TransportError) -> ClientResponse {
        let message = try ClientRequestMessage(request)
        let origin = ClientOrigin(scheme: request.scheme, host: request.host, port: request.port)
        let end = NIODeadline.now() + TimeAmount(request.deadlines.total)
        var attempt = 1
        while true {
            let context = request.scheme == .https ? try await tls.current() : nil
            let exchange = ClientExchange(message: message, deadlines: request.deadlines)
            exchange.limit(to: end - NIODeadline.now(), on: group.any())
            pool.assign(exchange, to: ClientRoute(origin: origin, tls: context))
            switch await exchange.head() {
            case .success(let head): return ClientResponse(head, exchange: exchange)
            case .failure(let error):
                guard attempt < attempts, exchange.mayBeRepeated(after: error) else { throw error }
                attempt += 1
            }
        }
    }

    /// Reads the certificate files now, changed or not; later exchanges use new connections.
    ///
    /// Throws `.badCertificate` with the file and its fault, and keeps what was read before.
    public func reloadTLS() async throws(TransportError) { try await tls.reload() }

    /// Why the certificate files as they are now were not taken over; nil if they are in use.
    public var tlsFault: TransportError? { tls.fault }

    /// Closes the connections that wait and gives no new exchange to those at work: what was rotated takes effect.
    public func retireConnections() { pool.retireAll() }

    /// Closes all connections; exchanges under way fail with `.connectionClosed`, later ones with `.shuttingDown`.
    public func shutdown() async {
        let connections = pool.shutDown()
        for connection in connections { connection.close() }
        for connection in connections { try? await connection.closeFuture.get() }
    }

    /// How many connections are open, and how many of them carry no request.
    public var connectionCounts: (open: Int, idle: Int) { pool.counts }
}
