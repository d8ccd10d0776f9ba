public import NIOCore
public import NIOHTTP1

/// A request that ``HTTPClient`` sends.
///
/// The client adds `Host` and `Content-Length` itself and refuses a request whose target or headers could be read as something else on
/// the way (control characters, blanks, a `Transfer-Encoding` of one's own).
public struct ClientRequest: Sendable {
    /// The protocol under HTTP.
    public enum Scheme: String, Sendable, Hashable {
        /// Plain TCP.
        case http
        /// TLS; the server's certificate must be valid for ``ClientRequest/host``.
        case https

        var defaultPort: Int { self == .http ? 80 : 443 }
    }

    /// The method; `CONNECT` is refused.
    public var method: HTTPMethod
    /// Plain or TLS.
    public var scheme: Scheme
    /// A host name, an IPv4 address or an IPv6 address without brackets.
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// The request-target in origin form (RFC 9112 §3.2.1): path and query, percent-encoded, beginning with `/`.
    public var target: String
    /// Headers beside `Host` (sent as given where set) and `Content-Length`.
    public var headers: HTTPHeaders
    /// The whole body; nil sends none.
    public var body: ByteBuffer?
    /// How long each phase may take.
    public var deadlines: ClientDeadlines

    /// Makes a request; a missing port is that of the scheme.
    public init(
        method: HTTPMethod = .GET, scheme: Scheme = .http, host: String, port: Int? = nil, target: String = "/",
        headers: HTTPHeaders = HTTPHeaders(), body: ByteBuffer? = nil, deadlines: ClientDeadlines = ClientDeadlines()
    ) {
        self.method = method
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        self.target = target
        self.headers = headers
        self.body = body
        self.deadlines = deadlines
    }
}

/// How long each phase of an exchange may take; past it the exchange fails with code `timedOut` and its connection is closed.
public struct ClientDeadlines: Sendable, Hashable {
    /// A phase with a deadline of its own; named in the error's message.
    public enum Phase: String, Sendable, Hashable {
        /// Name resolution, TCP connect and TLS handshake.
        case connect
        /// From the connection to the response's head.
        case head
        /// Between two pieces of the body, while the caller waits for one.
        case idle
        /// From ``HTTPClient/execute(_:)`` to the body's end.
        case total
    }

    /// Default 10 s.
    public var connect: Duration
    /// Default 30 s.
    public var head: Duration
    /// Default 30 s.
    public var idle: Duration
    /// Default 120 s.
    public var total: Duration

    /// Makes deadlines; each has its default.
    public init(
        connect: Duration = .seconds(10), head: Duration = .seconds(30), idle: Duration = .seconds(30),
        total: Duration = .seconds(120)
    ) {
        self.connect = connect
        self.head = head
        self.idle = idle
        self.total = total
    }
}
