/// Limits and habits of an ``HTTPClient``.
public struct HTTPClientConfiguration: Sendable, Hashable {
    /// TLS for requests of scheme `https`: a client has one identity.
    public var tls: ClientTLSConfiguration
    /// How long a connection may wait for the next request. Default 30 s, shorter than the 60 s and more of most servers.
    public var idleTimeout: Duration
    /// How many connections per scheme, host and port may wait. Default 4.
    public var idleConnectionsPerOrigin: Int
    /// How many connections may wait in all. Default 64.
    public var idleConnections: Int
    /// Bytes of names and values in a response's head. Default 64 KiB.
    public var maximumHeaderBytes: Int
    /// Fields in a response's head. Default 256.
    public var maximumHeaderFields: Int

    /// How many HTTP/2 connections per host and port are opened when the streams of one don't suffice. Default 4.
    public var multiplexedConnectionsPerOrigin = 4
    /// How many requests per host and port may wait for a handshake or a free stream; the next one fails with `.overloaded`.
    /// Default 10,000.
    public var queuedRequestsPerOrigin = 10_000
    /// Unread bytes per HTTP/2 response (SETTINGS_INITIAL_WINDOW_SIZE). Default 256 KiB. The connection's window is 1 GiB, as Go's:
    /// a reader that is slow stops its own response only.
    public var streamWindowBytes = 256 << 10
    /// After so long a silence on an HTTP/2 connection with requests in progress a PING is sent. Default 30 s, as client-go.
    public var pingInterval = Duration.seconds(30)
    /// Nothing heard for so long after a PING: the connection is lost. Default 15 s, as client-go.
    public var pingTimeout = Duration.seconds(15)

    /// Makes a configuration; each limit has its default.
    public init(
        tls: ClientTLSConfiguration = ClientTLSConfiguration(),
        idleTimeout: Duration = .seconds(30), idleConnectionsPerOrigin: Int = 4, idleConnections: Int = 64,
        maximumHeaderBytes: Int = 64 * 1024, maximumHeaderFields: Int = 256
    ) {
        self.tls = tls
        self.idleTimeout = idleTimeout
        self.idleConnectionsPerOrigin = idleConnectionsPerOrigin
        self.idleConnections = idleConnections
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumHeaderFields = maximumHeaderFields
    }

    /// The head's limit as HTTP/2 counts: 32 bytes more for each field (RFC 9113 §10.5.1).
    var maximumHeaderListBytes: Int {
        let fields = maximumHeaderFields.multipliedReportingOverflow(by: 32)
        let sum = maximumHeaderBytes.addingReportingOverflow(fields.partialValue)
        return fields.overflow || sum.overflow ? 1 << 30 : min(max(sum.partialValue, 1024), 1 << 30)
    }
}
