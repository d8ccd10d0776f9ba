public import NIOCore
public import NIOHTTP1

/// Everything of a request before its body.
public struct HTTPRequestHead: Sendable {
    /// The method as sent; methods are case-sensitive (RFC 9110 §9.1).
    public var method: HTTPMethod
    /// The request-target as sent: path and query, still percent-encoded, never normalised.
    public var target: String
    /// `:authority`, or the Host header of HTTP/1; nil if the client sent neither.
    public var authority: String?
    /// The fields in the order they came. Pseudo headers are not among them.
    public var headers: HTTPHeaders
    /// The protocol version of the connection.
    public var version: HTTPVersion

    /// Makes a head.
    public init(
        method: HTTPMethod, target: String, authority: String? = nil, headers: HTTPHeaders = [:],
        version: HTTPVersion = .http2
    ) {
        self.method = method
        self.target = target
        self.authority = authority
        self.headers = headers
        self.version = version
    }
}

/// One request, as a handler gets it. A class, so that passing it on costs one reference count.
public final class HTTPRequest: Sendable {
    /// Method, target and fields.
    public let head: HTTPRequestHead
    /// The fields of ``head`` as an object that other requests may share.
    public let fields: RequestFields
    /// The bytes that follow; they are read as the handler asks for them.
    public let body: RequestBody
    /// Who sent it.
    public let connection: PeerConnection
    /// When the last byte of the head was read.
    public let receivedAt: NIODeadline

    /// Makes a request; handlers' tests need no socket. `fields` are those of the head, if there is an object of them already.
    public init(
        head: HTTPRequestHead, fields: RequestFields? = nil, body: RequestBody = .empty, connection: PeerConnection,
        receivedAt: NIODeadline = .now()
    ) {
        self.head = head
        self.fields = fields ?? RequestFields(head.headers)
        self.body = body
        self.connection = connection
        self.receivedAt = receivedAt
    }
}
