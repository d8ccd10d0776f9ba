internal import NIOHTTP1

/// The token of `Authorization: Bearer <token>` (RFC 6750 §2.1, conformance 2.6). Printing it prints nothing of the token.
struct BearerToken: Sendable, CustomStringConvertible {
    let text: String

    /// Of the first `Authorization` header; nil without one, for other schemes and for an empty token. The scheme's letter case
    /// doesn't count.
    init?(of headers: HTTPHeaders) {
        guard let value = headers.first(name: "authorization") else { return nil }
        self.init(header: value)
    }

    /// Of the value of the header. What follows a further space is ignored, as kube-apiserver does.
    init?(header value: String) {
        let scheme = "bearer "
        guard HeaderName.hasPrefix(value, scheme) else { return nil }
        let token = value.utf8.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: " ") }
        guard !token.isEmpty else { return nil }
        text = String(Substring(token))
    }

    var description: String { "a bearer token" }
}
