import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// A connection that is ready for its first exchange.
struct DialedConnection: Sendable {
    let connection: any ClientConnection
    /// HTTP/2: carries many exchanges at a time.
    let isMultiplexed: Bool
}

/// Opens connections: TCP, TLS where the route has it, then the handlers of the protocol that ALPN chose.
struct ClientDialer: Sendable {
    let group: any EventLoopGroup
    let configuration: HTTPClientConfiguration
    /// What the connections of an event loop share.
    private let buffers = NIOLockedValueBox<[ObjectIdentifier: NIOLoopBound<LoopBuffers>]>([:])

    init(group: any EventLoopGroup, configuration: HTTPClientConfiguration) {
        self.group = group
        self.configuration = configuration
    }

    /// Connects within `timeout`, but for the resolver's time; `completion` is called once, on the connection's loop.
    func dial(
        _ route: ClientRoute, timeout: Duration, pool: ClientConnectionPool,
        _ completion: @escaping @Sendable (Result<DialedConnection, TransportError>) -> Void
    ) {
        let eventLoop = group.any()
        // All of it on the connection's loop: steps that are registered from another thread may come after the peer's first bytes, and
        // what those say of a connection that the pool doesn't know yet, how many streams it takes, would be lost.
        eventLoop.execute {
            connect(to: route, on: eventLoop, timeout: timeout, pool).whenComplete { result in
                completion(result.mapError { TransportError(connecting: route.origin, $0, after: timeout) })
            }
        }
    }

    private func connect(
        to route: ClientRoute, on eventLoop: any EventLoop, timeout: Duration, _ pool: ClientConnectionPool
    ) -> EventLoopFuture<DialedConnection> {
        let end = NIODeadline.now() + TimeAmount(timeout)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        let origin = route.origin
        // An address needs no resolver.
        let address = try? SocketAddress(ipAddress: origin.host, port: origin.port)
        let connected =
            address.map { bootstrap.connect(to: $0) } ?? bootstrap.connect(host: origin.host, port: origin.port)
        return connected.flatMap { channel in
            // Before it reads: no byte is missed.
            let ready = route.tls.map { secure(channel, $0, origin, until: end, pool) } ?? plain(channel, pool)
            ready.whenFailure { _ in channel.close(promise: nil) }
            return ready
        }
    }

    private func plain(_ channel: any Channel, _ pool: ClientConnectionPool) -> EventLoopFuture<DialedConnection> {
        channel.eventLoop.makeCompletedFuture { try install(nil, on: channel, pool) }
    }

    private func secure(
        _ channel: any Channel, _ tls: TLSContext, _ origin: ClientOrigin, until end: NIODeadline,
        _ pool: ClientConnectionPool
    ) -> EventLoopFuture<DialedConnection> {
        let promise = channel.eventLoop.makePromise(of: DialedConnection.self)
        // A second completion counts for nothing.
        channel.closeFuture.whenComplete { _ in
            promise.fail(TransportError(.connectionClosed, "\(origin) closed the connection during the handshake"))
        }
        let name = configuration.tls.serverName ?? origin.host
        let client = TLSClientHandshake(place: origin.description, name: name, sessions: tls.sessions)
        do {
            let session = try TLSSession(tls, loop: loopBuffers(channel.eventLoop), client: client)
            let events = TLSHandler.Events(
                established: { channel, peer in
                    do {
                        promise.succeed(try install(peer.applicationProtocol, on: channel, pool))
                    } catch {
                        promise.fail(error)
                        throw error
                    }
                },
                failed: { promise.fail($0) })
            let left = max(end - .now(), .milliseconds(1))
            let handler = TLSHandler(
                session: session, handshakeTimeout: .nanoseconds(left.nanoseconds), closeTimeout: .seconds(1),
                events: events)
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    private func loopBuffers(_ eventLoop: any EventLoop) -> LoopBuffers {
        buffers.withLockedValue { buffers in
            let id = ObjectIdentifier(eventLoop)
            let bound = buffers[id] ?? NIOLoopBound(LoopBuffers(), eventLoop: eventLoop)
            buffers[id] = bound
            return bound.value
        }
    }

    /// Adds the handlers of a protocol; called on the channel's loop.
    private func install(_ applicationProtocol: String?, on channel: any Channel, _ pool: ClientConnectionPool) throws
        -> DialedConnection
    {
        if applicationProtocol == "h2" {
            let connection = try HTTP2ClientHandler.install(
                on: channel, buffers: loopBuffers(channel.eventLoop), configuration, pool)
            return DialedConnection(connection: connection, isMultiplexed: true)
        }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maximumHeaderBytes
        limits.maxHeaderListSize = configuration.maximumHeaderBytes
        limits.maxHeaderFieldCount = configuration.maximumHeaderFields
        let handler = HTTP1ClientHandler(pool: pool)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: limits)), handler,
        ])
        return DialedConnection(
            connection: HTTP1ClientConnection(channel: channel, handler: handler), isMultiplexed: false)
    }
}
