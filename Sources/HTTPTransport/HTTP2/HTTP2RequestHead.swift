import NIOHTTP1

/// The head of a request: the path, and what it may have in common with other requests of its connection.
struct HTTP2RequestHead {
    var target = ""
    var fields = HTTP2RequestFields.none
    /// Not all of it was kept: the answer is 431.
    var isTooLarge = false

    /// As a handler gets it.
    var message: HTTPRequestHead {
        HTTPRequestHead(
            method: fields.method, target: target, authority: fields.authority, headers: fields.shared.headers,
            version: .http2)
    }
}

/// All of a head but its path. Immutable, and shared by the requests of a connection that say the same.
final class HTTP2RequestFields: Sendable {
    /// Those of a head that isn't there.
    static let none = HTTP2RequestFields(HTTP2PackedFields())

    let method: HTTPMethod
    /// Falls back to the Host field (RFC 9113 §8.3.1).
    let authority: String?
    let shared: RequestFields
    let contentLength: Int?
    let expectsContinue: Bool

    /// Makes texts of fields that nghttp2 has checked: names, values, order and repetition (RFC 9113 §8.2, §8.3).
    init(_ packed: HTTP2PackedFields) {
        var method = HTTPMethod.GET
        var authority: String?
        var contentLength: Int?
        var expectsContinue = false
        // Plain pairs: `HTTPHeaders.add` would look at each name again.
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(packed.count)
        packed.forEach { name, value in
            switch name {
            case ":method": method = HTTPMethod(rawValue: value)
            case ":authority": authority = value
            case _ where name.utf8.first == UInt8(ascii: ":"):
                break  // :scheme says nothing here; :protocol is never offered.
            default:
                if name == "content-length" { contentLength = Int(value) }
                if name == "expect", value.lowercased() == "100-continue" { expectsContinue = true }
                pairs.append((name, value))
            }
        }
        let headers = HTTPHeaders(pairs)
        self.method = method
        self.authority = authority ?? headers.first(name: "host")
        self.contentLength = contentLength
        self.expectsContinue = expectsContinue
        shared = RequestFields(headers)
    }
}
