import NIOCore
import NIOHTTP1

/// A ``ClientRequest`` in the form NIO's encoder wants, checked so that no byte of it can end a line early.
struct ClientRequestMessage: Sendable {
    let head: NIOHTTP1.HTTPRequestHead
    let body: ByteBuffer?
    /// May be sent again on a new connection if a kept one turns out to be dead (RFC 9112 §9.3.1).
    let isRepeatable: Bool
    /// The caller asked for `Connection: close`.
    let closesConnection: Bool

    /// Fields that say how the message is framed or that start what this client doesn't speak: it sets them itself or not at all.
    private static let reserved = [
        "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect", "keep-alive", "proxy-connection",
        "proxy-authorization",
    ]

    /// Throws `.configuration` with the offending part, `.unsupported` for CONNECT.
    init(_ request: ClientRequest) throws(TransportError) {
        guard request.method != .CONNECT else {
            throw TransportError(.unsupported, "this client makes no CONNECT tunnels")
        }
        guard HTTPText.isToken(request.method.rawValue) else {
            throw TransportError(.configuration, "method \(request.method.rawValue.debugDescription) is not a token")
        }
        guard (1...65535).contains(request.port) else {
            throw TransportError(.configuration, "port \(request.port) is not between 1 and 65535")
        }
        guard HTTPText.isHost(request.host) else {
            throw TransportError(.configuration, "host \(request.host.debugDescription) is not a name or address")
        }
        guard request.target.utf8.first == UInt8(ascii: "/"), HTTPText.isTarget(request.target) else {
            throw TransportError(
                .configuration,
                "target \(request.target.debugDescription) must begin with / and be visible ASCII without #")
        }
        var headers = HTTPHeaders()
        if !request.headers.contains(name: "host") { headers.add(name: "Host", value: Self.hostField(request)) }
        var closes = false
        for (name, value) in request.headers {
            try Self.check(name, value)
            if name.lowercased() == "connection" { closes = closes || value.lowercased() == "close" }
            headers.add(name: name, value: value)
        }
        if let length = request.body?.readableBytes, length > 0 || !Self.bodyless.contains(request.method) {
            headers.add(name: "Content-Length", value: String(length))
        }
        head = NIOHTTP1.HTTPRequestHead(
            version: .http1_1, method: request.method, uri: request.target, headers: headers)
        body = request.body
        isRepeatable = request.method == .GET || request.method == .HEAD || request.method == .OPTIONS
        closesConnection = closes
    }

    private static let bodyless: [HTTPMethod] = [.GET, .HEAD, .OPTIONS, .DELETE, .TRACE]

    private static func check(_ name: String, _ value: String) throws(TransportError) {
        guard HTTPText.isToken(name) else {
            throw TransportError(.configuration, "header name \(name.debugDescription) is not a token")
        }
        guard HTTPText.isFieldValue(value) else {
            throw TransportError(.configuration, "the value of header \(name) has control characters")
        }
        let lowercased = name.lowercased()
        guard !reserved.contains(lowercased) else {
            throw TransportError(.configuration, "header \(name) is set by the client itself")
        }
        guard lowercased != "connection" || value.lowercased() == "close" else {
            throw TransportError(.configuration, "header Connection may only say close, not \(value.debugDescription)")
        }
    }

    /// RFC 9112 §3.2: the port is left out where it is the scheme's; an IPv6 address stands in brackets.
    private static func hostField(_ request: ClientRequest) -> String {
        let host = request.host.utf8.contains(UInt8(ascii: ":")) ? "[\(request.host)]" : request.host
        return request.port == request.scheme.defaultPort ? host : "\(host):\(request.port)"
    }
}
