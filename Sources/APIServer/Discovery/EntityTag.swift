internal import NIOHTTP1

/// Comparison of entity tags.
enum EntityTag {
    /// Whether the client has the representation already: weak comparison of `If-None-Match` (RFC 9110 §13.1.2) with any of its
    /// tags, or `*`.
    static func isKnown(_ etag: String, to headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "if-none-match"].contains { value in
            let tag = value.hasPrefix("W/") ? value.dropFirst(2) : value
            return tag == etag || tag == "*"
        }
    }
}
