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
        let parts = value.utf8.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].count == 6, zip(parts[0], "bearer".utf8).allSatisfy({ $0 | 0x20 == $1 }),
            !parts[1].isEmpty, let text = String(parts[1])
        else { return nil }
        self.text = text
    }

    var description: String { "a bearer token" }
}
