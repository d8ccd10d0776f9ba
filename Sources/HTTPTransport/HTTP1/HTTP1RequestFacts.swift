import NIOCore
import NIOHTTP1

/// Why a request is refused before any handler sees it.
struct HTTP1Refusal: Error, Equatable {
    let status: HTTPResponseStatus
    let reason: String

    init(_ status: HTTPResponseStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    /// What the decoder's error means for the client.
    init?(_ error: any Error) {
        guard let error = error as? HTTPParserError else { return nil }
        switch error {
        case .headerOverflow: self.init(.requestHeaderFieldsTooLarge, "the request line and headers are too large")
        case .invalidVersion:
            self.init(
                .httpVersionNotSupported, "only HTTP/1.0 and HTTP/1.1, with lines that end in CR LF, are served here")
        case .invalidMethod: self.init(.badRequest, "invalid method")
        case .invalidURL, .invalidHost, .invalidPort, .invalidPath, .invalidQueryString, .invalidFragment:
            self.init(.badRequest, "invalid request target")
        case .invalidHeaderToken, .lfExpected: self.init(.badRequest, "invalid header line")
        case .invalidContentLength, .unexpectedContentLength:
            self.init(.badRequest, "invalid or conflicting Content-Length")
        case .invalidChunkSize: self.init(.badRequest, "invalid chunk size")
        default: self.init(.badRequest, "malformed HTTP request")
        }
    }
}

/// What an HTTP/1 request's head says about its framing and its connection, checked.
///
/// Refused, because a proxy in front could read the same bytes otherwise (request smuggling, RFC 9112 §11.2): Content-Length with
/// Transfer-Encoding, more than one Content-Length, a transfer coding that isn't exactly `chunked`, chunked in HTTP/1.0, a missing or second
/// Host, a target that isn't origin-form, absolute-form or `*` for OPTIONS, or has bytes other than visible ASCII.
struct HTTP1RequestFacts {
    /// The longest request-target; longer ones get 414.
    static let targetBytes = 64 << 10

    let head: HTTPRequestHead
    let declaredLength: Int?
    let expectsContinue: Bool
    let keepAlive: Bool

    /// Whether bytes of a body follow the head.
    var hasBody: Bool { declaredLength != 0 }

    init(_ head: NIOHTTP1.HTTPRequestHead) throws(HTTP1Refusal) {
        guard head.method != .CONNECT else { throw HTTP1Refusal(.notImplemented, "CONNECT is not served here") }
        let (target, named) = try Self.target(head)
        let host = try Self.host(head)
        declaredLength = try Self.length(head)
        expectsContinue = try Self.expectsContinue(head)
        // The decoder stops at an upgrade, so the connection can't carry another request.
        keepAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
        self.head = HTTPRequestHead(
            method: head.method, target: target, authority: named ?? host, headers: head.headers, version: head.version)
    }

    private static func target(_ head: NIOHTTP1.HTTPRequestHead) throws(HTTP1Refusal) -> (
        target: String, authority: String?
    ) {
        let uri = head.uri
        guard uri.utf8.count <= targetBytes else {
            throw HTTP1Refusal(
                .uriTooLong, "the request target has \(uri.utf8.count) bytes, the limit is \(targetBytes)")
        }
        guard HTTPText.isTarget(uri) else { throw HTTP1Refusal(.badRequest, "invalid request target") }
        if uri.utf8.first == UInt8(ascii: "/") { return (uri, nil) }
        if uri == "*", head.method == .OPTIONS { return (uri, nil) }
        // Absolute form (RFC 9112 §3.2.2): its authority wins over the Host field.
        let lowercased = uri.prefix(8).lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowercased.hasPrefix) else {
            throw HTTP1Refusal(.badRequest, "the request target must begin with /")
        }
        let rest = uri.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = String(rest[..<end])
        guard !authority.isEmpty, HTTPText.isAuthority(authority) else {
            throw HTTP1Refusal(.badRequest, "invalid authority in the request target")
        }
        let path = String(rest[end...])
        return (path.utf8.first == UInt8(ascii: "/") ? path : "/" + path, authority)
    }

    private static func host(_ head: NIOHTTP1.HTTPRequestHead) throws(HTTP1Refusal) -> String? {
        let hosts = head.headers["host"]
        guard hosts.count <= 1 else { throw HTTP1Refusal(.badRequest, "more than one Host header") }
        guard let host = hosts.first else {
            guard head.version != .http1_1 else { throw HTTP1Refusal(.badRequest, "missing required Host header") }
            return nil
        }
        guard HTTPText.isAuthority(host) else { throw HTTP1Refusal(.badRequest, "malformed Host header") }
        return host
    }

    /// Nil: chunked.
    private static func length(_ head: NIOHTTP1.HTTPRequestHead) throws(HTTP1Refusal) -> Int? {
        let codings = head.headers["transfer-encoding"]
        let lengths = head.headers["content-length"]
        guard codings.isEmpty || lengths.isEmpty else {
            throw HTTP1Refusal(.badRequest, "both Content-Length and Transfer-Encoding")
        }
        guard lengths.count <= 1 else { throw HTTP1Refusal(.badRequest, "more than one Content-Length") }
        if let text = lengths.first {
            guard let length = HTTPText.decimal(text) else { throw HTTP1Refusal(.badRequest, "invalid Content-Length") }
            return length
        }
        guard !codings.isEmpty else { return 0 }
        guard head.version == .http1_1 else {
            throw HTTP1Refusal(.badRequest, "Transfer-Encoding in an HTTP/1.0 request")
        }
        guard codings.count == 1, codings[0].lowercased() == "chunked" else {
            throw HTTP1Refusal(.notImplemented, "the only transfer coding served here is chunked")
        }
        return nil
    }

    private static func expectsContinue(_ head: NIOHTTP1.HTTPRequestHead) throws(HTTP1Refusal) -> Bool {
        let expectations = head.headers["expect"]
        guard let expectation = expectations.first else { return false }
        guard expectations.count == 1, expectation.lowercased() == "100-continue" else {
            throw HTTP1Refusal(.expectationFailed, "the only expectation served here is 100-continue")
        }
        // RFC 9110 §10.1.1: ignored in HTTP/1.0.
        return head.version == .http1_1
    }
}
