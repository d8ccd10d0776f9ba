package import Logging
import NIOConcurrencyHelpers
package import NIOCore
import NIOPosix

/// Plain HTTP/1.1 on a port and nothing else: no TLS, no HTTP/2, no drain. For programs and tests on loopback that need no ``HTTPServer``.
package final class HTTP1Listener: Sendable {
    /// Where it listens.
    package let address: SocketAddress
    private let channel: any Channel
    private let children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>

    private init(
        _ channel: any Channel, _ address: SocketAddress, _ children: NIOLockedValueBox<[ObjectIdentifier: any Channel]>
    ) {
        self.channel = channel
        self.address = address
        self.children = children
    }

    /// Listens from now on; port 0 lets the system choose.
    package static func bind(
        host: String, port: Int, handler: any HTTPHandler, limits: ServerLimits = ServerLimits(), logger: Logger,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> HTTP1Listener {
        let ids = NIOLockedValueBox<UInt64>(0)
        let children = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                let loop = channel.eventLoop
                children.withLockedValue { $0[ObjectIdentifier(channel)] = channel }
                channel.closeFuture.whenComplete { _ in children.withLockedValue { $0[ObjectIdentifier(channel)] = nil }
                }
                let id = ids.withLockedValue { id in
                    id &+= 1
                    return id
                }
                let context = ConnectionContext(
                    handler: handler, limits: limits, executor: LoopExecutor(loop), date: DateCache(loop),
                    logger: logger,
                    observer: SilentObserver())
                return loop.makeCompletedFuture {
                    let peer = PeerConnection(
                        id: id, remoteAddress: channel.remoteAddress, localAddress: channel.localAddress,
                        onClose: { gracefully in
                            channel.pipeline.fireUserInboundEventTriggered(gracefully ? DrainEvent.finish : .closeNow)
                        })
                    try HTTP1Connection.install(on: channel, context: context, peer: peer)
                }
            }
            .bind(host: host, port: port).get()
        guard let address = channel.localAddress else {
            throw TransportError(.configuration, "\(host):\(port) has no address")
        }
        return HTTP1Listener(channel, address, children)
    }

    /// Stops listening and closes all connections.
    package func close() async {
        try? await channel.close()
        for child in children.withLockedValue({ Array($0.values) }) { try? await child.close() }
    }
}
