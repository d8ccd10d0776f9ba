internal import Glibc
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOPosix

/// An HTTP/1.1 and HTTP/2 server over TLS.
///
/// It owns its event loops, one per core by default. Handlers run on them, see ``HTTPHandler``.
public final class HTTPServer: Sendable {
    private enum State {
        case new
        case starting
        case running(Running)
        case stopping(Running)
        case stopped
    }
    private struct Running: Sendable {
        let group: MultiThreadedEventLoopGroup
        let listener: any Channel
        let address: SocketAddress
        let registry: ConnectionRegistry
        let tls: ReloadingTLSContext?
        let atWork: [HandlersAtWork]
    }
    /// How long handlers may go on after they were cancelled.
    private static let cancelledTime = Duration.seconds(10)

    private let configuration: ServerConfiguration
    private let handler: any HTTPHandler
    private let logger: Logger
    private let observer: any TransportObserver
    private let state = NIOLockedValueBox(State.new)
    /// Ends when the server has: by ``shutdown(delay:goAwayInterval:drain:)``.
    private let stopped = Signal()

    /// Makes a server that doesn't listen yet.
    public init(
        configuration: ServerConfiguration, handler: any HTTPHandler, logger: Logger,
        observer: any TransportObserver = SilentObserver()
    ) {
        self.configuration = configuration
        self.handler = handler
        self.logger = logger
        self.observer = observer
    }

    // MARK: start

    /// Reads the certificate, binds, and accepts connections from then on; returns the address.
    ///
    /// Throws `.configuration` (a limit, a cipher suite, an address that can't be bound), `.badCertificate`, `.unsupported`
    /// for a second start.
    public func start() async throws(TransportError) -> SocketAddress {
        let faults = configuration.limits.faults()
        guard faults.isEmpty else { throw TransportError(.configuration, faults.joined(separator: "; ")) }
        let isFirst = state.withLockedValue { state in
            guard case .new = state else { return false }
            state = .starting
            return true
        }
        guard isFirst else { throw TransportError(.unsupported, "a server starts once") }
        do {
            let running = try await bind()
            watchFiles(running)
            state.withLockedValue { $0 = .running(running) }
            return running.address
        } catch {
            state.withLockedValue { $0 = .stopped }
            stopped.fire()
            throw error
        }
    }

    private func bind() async throws(TransportError) -> Running {
        var tls: ReloadingTLSContext?
        if let configured = configuration.tls { tls = try ReloadingTLSContext(configured) }
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: max(1, configuration.eventLoopCount ?? System.coreCount))
        let registry = ConnectionRegistry(limit: configuration.limits.connections)
        do {
            let atWork = group.makeIterator().map { HandlersAtWork($0) }
            let factory = ConnectionFactory(
                limits: configuration.limits, tls: tls, contexts: try await contexts(group, atWork), registry: registry,
                observer: observer, logger: logger)
            let listener = try await bootstrap(group, factory).bind(
                host: configuration.bindAddress, port: configuration.port
            ).get()
            guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
            return Running(
                group: group, listener: listener, address: address, registry: registry, tls: tls, atWork: atWork)
        } catch {
            try? await group.shutdownGracefully()
            let place = "\(configuration.bindAddress) port \(configuration.port)"
            guard let error = error as? IOError else {
                throw TransportError(.configuration, "can't listen on \(place)", cause: error)
            }
            throw TransportError(
                .configuration, "can't listen on \(place): \(String(cString: strerror(error.errnoCode)))")
        }
    }

    private func contexts(
        _ group: MultiThreadedEventLoopGroup, _ atWork: [HandlersAtWork]
    ) async throws -> [ObjectIdentifier: ConnectionContext] {
        var contexts: [ObjectIdentifier: ConnectionContext] = [:]
        for (loop, atWork) in zip(group.makeIterator(), atWork) {
            let buffers = try await loop.submit { NIOLoopBound(LoopBuffers(), eventLoop: loop) }.get()
            contexts[ObjectIdentifier(loop)] = ConnectionContext(
                handler: CountedHandler(handler: handler, atWork: atWork), limits: configuration.limits,
                executor: LoopExecutor(loop), date: DateCache(loop),
                logger: logger, observer: observer, buffers: buffers)
        }
        return contexts
    }

    private func bootstrap(_ group: MultiThreadedEventLoopGroup, _ factory: ConnectionFactory) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: configuration.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // TCP_KEEPIDLE: three minutes, as net/http (conformance 1.2).
            .childChannelOption(.tcpOption(.init(rawValue: 4)), value: 180)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 256 << 10))
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: 128 << 10)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try factory.accept(channel) }
            }
    }

    /// ``start()``, then serves until ``shutdown(delay:goAwayInterval:drain:)`` is done. Cancelling the task closes all
    /// connections at once.
    public func run() async throws(TransportError) {
        _ = try await start()
        await stopped.wait()
        if Task.isCancelled { await shutdown() }
    }

    // MARK: certificate

    /// Reads certificate and key again, changed or not; blocks on the files. Throws `.badCertificate` and keeps the old ones.
    public func reloadCertificate() throws(TransportError) {
        let tls = state.withLockedValue { state -> ReloadingTLSContext? in
            if case .running(let running) = state { running.tls } else { nil }
        }
        try tls?.reload()
    }

    /// The last valid second of the certificate that new connections see, Unix time; nil while the server isn't running, or
    /// without TLS.
    public var certificateExpiry: Int64? {
        state.withLockedValue { state in
            switch state {
            case .running(let running), .stopping(let running): running.tls?.current.certificateExpiry
            case .new, .starting, .stopped: nil
            }
        }
    }

    private func watchFiles(_ running: Running) {
        guard let tls = running.tls, let interval = configuration.tls?.reloadInterval, interval > .zero else { return }
        running.group.next().scheduleRepeatedAsyncTask(initialDelay: TimeAmount(interval), delay: TimeAmount(interval))
        {
            [observer, logger] task in
            // Files block: off the loop.
            NIOThreadPool.singleton.runIfActive(eventLoop: running.group.next()) {
                switch tls.reloadIfChanged() {
                case nil: break
                case .success:
                    observer.certificateReloaded(nil)
                    logger.info("serving certificate reloaded")
                case .failure(let error):
                    observer.certificateReloaded(error)
                    logger.error("serving certificate not reloaded, the old one stays", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// Connections that are open now.
    public var connectionCount: Int {
        state.withLockedValue { state in
            switch state {
            case .running(let running), .stopping(let running): running.registry.count
            case .new, .starting, .stopped: 0
            }
        }
    }

    // MARK: end

    /// Ends the server so that no client notices (`conformance.md` 14.1): serves on for `delay` while the endpoint leaves
    /// the Service, stops listening, GOAWAY with 2^31-1, `goAwayInterval` later GOAWAY with the last stream, then waits up
    /// to `drain` for requests in progress; what remains is closed. Returns when all is closed.
    ///
    /// Cancelling the task cuts each wait short: all is closed at once.
    public func shutdown(
        delay: Duration = .zero, goAwayInterval: Duration = .seconds(1), drain: Duration = .seconds(60)
    ) async {
        let first = state.withLockedValue { state -> Running? in
            guard case .running(let running) = state else { return nil }
            state = .stopping(running)
            return running
        }
        guard let running = first else { return await waitUntilStopped() }
        try? await Task.sleep(for: delay)
        try? await running.listener.close()
        running.registry.fire(.prepare)
        if running.registry.count > 0 { await running.registry.empties(within: goAwayInterval) }
        running.registry.fire(.finish)
        await running.registry.empties(within: drain)
        if running.registry.count > 0 {
            logger.warning(
                "connections closed at the end of the drain", metadata: ["count": "\(running.registry.count)"])
        }
        running.registry.fire(.closeNow)
        await end(running)
        state.withLockedValue { $0 = .stopped }
        stopped.fire()
    }

    /// Ends the loops when the last handler has ended; those of handlers that ignore their cancellation go on without us.
    private func end(_ running: Running) async {
        do {
            let none = running.atWork.map { $0.whenNone(within: Self.cancelledTime) }
            for future in none { try await future.get() }
            try await running.group.shutdownGracefully()
        } catch {
            logger.error("event loops are left running", metadata: ["error": "\(error)"])
        }
    }

    private func waitUntilStopped() async {
        let isRunning = state.withLockedValue { state in
            switch state {
            case .new, .stopped: false
            case .starting, .running, .stopping: true
            }
        }
        if isRunning { await stopped.wait() }
    }
}

extension ConnectionRegistry {
    /// Waits until no connection is open, at most `time`.
    func empties(within time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.whenEmpty() }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
    }
}
