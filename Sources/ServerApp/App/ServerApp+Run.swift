internal import APIServer
internal import Glibc
internal import HTTPTransport
internal import Logging
internal import NIOCore
internal import ProfefeCollector
internal import ProfileCapture
internal import ProfileStore
internal import ProfilesAPI
internal import UnixSignals

extension ServerApp {
    /// How a service came to its end.
    private enum Ended: Sendable {
        /// It had only this to do.
        case done
        /// By itself, which none of the others may.
        case service(String)
        /// After a signal, in order.
        case drained
    }

    /// Serves until SIGTERM or SIGINT, then drains; a second signal ends the process at once with status 1.
    ///
    /// - Throws: if the address can't be bound, or a service ends by itself.
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let address = try await server.start()
        logger.notice("serving", metadata: ["address": "\(address)", "version": "\(Version.text)"])
        try await serveCollectorAPI()
        defer { logger.notice("ended") }
        try await withThrowingTaskGroup(of: Ended.self) { group in
            group.addTask { try await openStore() }
            group.addTask {
                await api.captures.run(); return .service("captures")
            }
            group.addTask {
                await api.controller.run(); return .service("the controller of captures")
            }
            group.addTask {
                await api.services.run(); return .service("the index of services")
            }
            group.addTask {
                await reloader.run(); return .service("the reloading of files")
            }
            if let mirror = api.mirror {
                group.addTask {
                    await mirror.run(); return .service("the mirror of the collector")
                }
            }
            if let log = operation.auditing?.log {
                group.addTask {
                    await log.run(); return .service("audit")
                }
            }
            group.addTask {
                await counts.run(); return .service("the counting of objects")
            }
            for service in (cluster?.services ?? []) + (keeper?.services ?? []) {
                group.addTask {
                    await service.run(); return .service(service.name)
                }
            }
            group.addTask {
                await IdleTrim().run(); return .service("the return of memory")
            }
            let (first, continuation) = AsyncStream.makeStream(of: UnixSignal.self)
            group.addTask { await watch(signals, first: continuation) }
            group.addTask { await drain(after: first) }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                switch ended {
                case .done: continue
                case .drained: return
                case .service(let name) where operation.notice.isAnnounced: logger.debug("\(name) ended")
                case .service(let name): throw ServiceEnded(name: name)
                }
            }
        }
        await client.shutdown()
        await collector?.configuration.client.shutdown()
        await cluster?.shutdown()
        if let store = store.end() { await store.close() }
    }

    /// profefe's own API, if it is wanted.
    private func serveCollectorAPI() async throws {
        guard let collectorServer, let options = configuration.collectorAPI else { return }
        let address = try await collectorServer.start()
        logger.notice(
            "serving profefe's API", metadata: ["address": "\(address)", "tls": "\(options.hasTLS)"])
        if options.isAnonymous {
            logger.warning(
                "everybody who reaches this address can send and read all profiles (--collector-api-anonymous)",
                metadata: ["address": "\(address)"])
        } else if !options.hasTLS {
            logger.warning(
                "bearer tokens come in the clear: profefe's API is served without TLS (--collector-api-tls)",
                metadata: ["address": "\(address)"])
        }
    }

    private func openStore() async throws -> Ended {
        let directory = configuration.store.directory
        try await store.run { error in
            logger.error(
                "the store can't be opened, trying again", metadata: ["directory": "\(directory)", "error": "\(error)"])
        } open: { [logger, retention, collector] () throws(StoreError) in
            var configuration = EmbeddedStoreConfiguration(directory: directory)
            if let collector {
                configuration.mirror = collector.source
                // How long profiles are kept is the collector's matter.
                configuration.retention.resource = ""
            } else {
                configuration.retention = retention.configuration
            }
            return try EmbeddedStore(configuration: configuration, logger: logger)
        }
        logger.notice("the store is open", metadata: ["directory": "\(directory)"])
        return .done
    }

    /// Passes the first signal on; the second ends the process.
    private func watch(_ signals: UnixSignalsSequence, first: AsyncStream<UnixSignal>.Continuation) async -> Ended {
        var isFirst = true
        for await signal in signals {
            guard isFirst else {
                logger.warning("ended at once by a second signal", metadata: ["signal": "\(signal)"])
                _exit(1)
            }
            first.yield(signal)
            isFirst = false
        }
        return .done
    }

    /// Waits for the first signal and drains (`conformance.md` 14.1).
    private func drain(after signals: AsyncStream<UnixSignal>) async -> Ended {
        guard let signal = await signals.first(where: { _ in true }) else { return .done }
        logger.notice("draining", metadata: ["signal": "\(signal)", "delay": "\(configuration.shutdownDelay)"])
        await shutdown.run()
        operation.auditing?.log.close()
        return .drained
    }
}

/// A service ended that should run as long as the process.
struct ServiceEnded: Error, CustomStringConvertible {
    let name: String
    var description: String { "\(name) ended by itself" }
}
