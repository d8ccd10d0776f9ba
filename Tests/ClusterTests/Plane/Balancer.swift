import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport

/// What kube-proxy does for a Service: a new connection goes to one of the ready replicas in turn; an open one stays where it is.
final class Balancer: Sendable {
    let port: Int
    private let listener: any Channel
    private let backends: Backends

    /// The ports of the ready replicas.
    private final class Backends: Sendable {
        private let state = NIOLockedValueBox((ports: [Int](), next: 0))

        func set(_ ports: [Int]) { state.withLockedValue { $0.ports = ports } }

        func next() -> Int? {
            state.withLockedValue {
                guard !$0.ports.isEmpty else { return nil }
                $0.next += 1
                return $0.ports[$0.next % $0.ports.count]
            }
        }
    }

    /// Listens; refuses connections until it has backends.
    static func start() async throws -> Balancer {
        let backends = Backends()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in splice(client, backends) }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = listener.localAddress?.port else { throw Trouble("the balancer has no port") }
        return Balancer(listener: listener, port: port, backends: backends)
    }

    private init(listener: any Channel, port: Int, backends: Backends) {
        self.listener = listener
        self.port = port
        self.backends = backends
    }

    /// From now on new connections go to these.
    func setBackends(_ ports: [Int]) { backends.set(ports) }

    func stop() async { try? await listener.close().get() }

    private static func splice(_ client: any Channel, _ backends: Backends) -> EventLoopFuture<Void> {
        guard let port = backends.next() else {
            return client.eventLoop.makeFailedFuture(Trouble("no backend is ready"))
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: port)
            .flatMapThrowing { server in
                try client.pipeline.syncOperations.addHandler(Pipe(to: server))
                try server.pipeline.syncOperations.addHandler(Pipe(to: client))
                client.setOption(.autoRead, value: true).whenComplete { _ in }
                server.setOption(.autoRead, value: true).whenComplete { _ in }
            }
    }

    /// Passes on what comes, and the end.
    private final class Pipe: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let other: any Channel

        init(to other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
