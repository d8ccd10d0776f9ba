import Logging
import NIOCore
import NIOHTTP1

/// Makes a served connection of an accepted channel.
struct ConnectionFactory: Sendable {
    /// Time between the two GOAWAYs of one connection that is asked to go.
    static let goAwayInterval = TimeAmount.seconds(1)

    let limits: ServerLimits
    let tls: ReloadingTLSContext?
    let contexts: [ObjectIdentifier: ConnectionContext]
    let registry: ConnectionRegistry
    let observer: any TransportObserver
    let logger: Logger

    /// Sets up the pipeline, on the channel's loop. A connection over the limit is closed at once.
    func accept(_ channel: any Channel) throws {
        guard let context = contexts[ObjectIdentifier(channel.eventLoop)], let id = registry.add(channel) else {
            observer.connectionRefused()
            return channel.close(promise: nil)
        }
        observer.connectionOpened()
        let count = RequestCount()
        let loop = channel.eventLoop.assumeIsolated()
        channel.closeFuture.assumeIsolated().whenComplete { [registry, observer] _ in
            registry.remove(id)
            observer.connectionClosed(requests: count.read())
        }
        _ = loop
        guard let tls else {
            let selector = PlainProtocolSelector(timeout: limits.handshakeTimeout) { channel, isHTTP2 in
                try install(isHTTP2 ? "h2" : nil, on: channel, context, peer(id, channel, nil), count)
            }
            return try channel.pipeline.syncOperations.addHandler(selector)
        }
        let buffers = context.buffers?.value ?? LoopBuffers()
        let handler = TLSHandler(
            session: try TLSSession(tls.current, loop: buffers), handshakeTimeout: limits.handshakeTimeout,
            closeTimeout: limits.writeProgressTimeout,
            events: TLSHandler.Events(
                established: { channel, facts in
                    try install(facts.applicationProtocol, on: channel, context, peer(id, channel, facts), count)
                },
                failed: { [observer, logger] error in
                    observer.handshakeFailed(error)
                    logger.debug("TLS handshake failed", metadata: ["error": "\(error)", "connection": "\(id)"])
                }))
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private func peer(_ id: UInt64, _ channel: any Channel, _ tls: TLSPeer?) -> PeerConnection {
        PeerConnection(
            id: id, remoteAddress: channel.remoteAddress, localAddress: channel.localAddress, tls: tls,
            onClose: { gracefully in
                channel.eventLoop.execute {
                    guard gracefully else { return channel.pipeline.fireUserInboundEventTriggered(DrainEvent.closeNow) }
                    channel.pipeline.fireUserInboundEventTriggered(DrainEvent.prepare)
                    channel.eventLoop.scheduleTask(in: Self.goAwayInterval) {
                        channel.pipeline.fireUserInboundEventTriggered(DrainEvent.finish)
                    }
                }
            })
    }

    private func install(
        _ applicationProtocol: String?, on channel: any Channel, _ context: ConnectionContext, _ peer: PeerConnection,
        _ count: RequestCount
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if applicationProtocol == "h2" {
            try HTTP2Connection.install(on: channel, context: context, peer: peer)
            let connection = try pipeline.handler(type: HTTP2Connection.self)
            count.read = { connection.requestCount }
        } else {
            try HTTP1Connection.install(on: channel, context: context, peer: peer)
            let connection = try pipeline.handler(type: HTTP1Connection.self)
            count.read = { Int(clamping: connection.lastID) }
        }
        // A server that is going away says so to those who came last.
        if let event = registry.drain { channel.pipeline.fireUserInboundEventTriggered(event) }
    }
}

/// How many requests a connection carried, asked when it is closed.
private final class RequestCount {
    var read: () -> Int = { 0 }
}
