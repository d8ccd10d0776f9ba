public import HTTPTransport
public import Logging
public import NIOCore

/// A handler from a closure.
public struct ClosureHandler: HTTPHandler {
    private let body: @Sendable (HTTPRequest, consuming ResponseWriter) async -> Void

    /// Makes a handler.
    public init(_ body: @escaping @Sendable (HTTPRequest, consuming ResponseWriter) async -> Void) { self.body = body }

    /// Calls the closure.
    public func handle(_ request: HTTPRequest, _ response: consuming ResponseWriter) async {
        await body(request, response)
    }
}

/// A real server on 127.0.0.1 with certificates of its own.
public struct TestServer: Sendable {
    /// The server.
    public let server: HTTPServer
    /// Where it listens.
    public let address: SocketAddress
    /// Its certificates; clients trust `certificates.authority`.
    public let certificates: TestCertificates

    /// The port it listens on.
    public var port: Int { address.port ?? 0 }
    /// `https://localhost:<port>`.
    public var url: String { "https://localhost:\(port)" }

    /// Starts a server; `configure` changes its configuration before.
    public static func start(
        certificates: TestCertificates? = nil, eventLoopCount: Int = 1, logger: Logger = .silent,
        observer: any TransportObserver = SilentObserver(),
        configure: (inout ServerConfiguration) -> Void = { _ in }, handler: any HTTPHandler
    ) async throws -> TestServer {
        let certificates = try certificates ?? TestCertificates()
        let tls = TLSConfiguration(
            certificateFile: certificates.server.certificateFile, privateKeyFile: certificates.server.keyFile)
        var configuration = ServerConfiguration(port: 0, tls: tls)
        configuration.eventLoopCount = eventLoopCount
        configure(&configuration)
        let server = HTTPServer(configuration: configuration, handler: handler, logger: logger, observer: observer)
        return TestServer(server: server, address: try await server.start(), certificates: certificates)
    }

    /// Starts a server, gives it to `body`, and ends it at once whatever `body` does.
    public static func with<R>(
        eventLoopCount: Int = 1, observer: any TransportObserver = SilentObserver(), logger: Logger = .silent,
        configure: (inout ServerConfiguration) -> Void = { _ in },
        handler: @escaping @Sendable (HTTPRequest, consuming ResponseWriter) async -> Void,
        body: (TestServer) async throws -> R
    ) async throws -> R {
        let server = try await start(
            eventLoopCount: eventLoopCount, logger: logger, observer: observer, configure: configure,
            handler: ClosureHandler(handler))
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Ends the server at once.
    public func stop() async {
        await server.shutdown(delay: .zero, goAwayInterval: .zero, drain: .zero)
    }
}

extension Logger {
    /// A logger that writes nothing.
    public static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}
