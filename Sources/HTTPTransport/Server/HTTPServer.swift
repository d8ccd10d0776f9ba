public import Logging
public import NIOCore

/// An HTTP/1.1 and HTTP/2 server over TLS.
public final class HTTPServer: Sendable {
    private let configuration: ServerConfiguration
    private let handler: any HTTPHandler
    private let logger: Logger
    private let observer: any TransportObserver

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

    /// Reads the certificate, binds, and accepts connections from then on; returns the address.
    ///
    /// Throws `.configuration`, `.badCertificate`, or why the address can't be bound.
    public func start() async throws(TransportError) -> SocketAddress {
        throw TransportError(.unsupported, "HTTPServer is not yet built")
    }

    /// ``start()``, then serves until the task is cancelled or ``shutdown(delay:goAwayInterval:drain:)`` is done.
    public func run() async throws(TransportError) {
        throw TransportError(.unsupported, "HTTPServer is not yet built")
    }

    /// Ends the server so that no client notices (`conformance.md` 14.1): serves on for `delay` while the endpoint leaves
    /// the Service, stops listening, GOAWAY with 2^31-1, `goAwayInterval` later GOAWAY with the last stream, then waits up
    /// to `drain` for requests in progress; what remains is closed. Returns when all is closed.
    public func shutdown(
        delay: Duration = .zero, goAwayInterval: Duration = .seconds(1), drain: Duration = .seconds(60)
    ) async {}
}
