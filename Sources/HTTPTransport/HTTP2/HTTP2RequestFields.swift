import NIOHTTP1

/// The fields of a request as they come, within the size limit.
struct HTTP2RequestFields {
    private(set) var method = HTTPMethod.GET
    private(set) var target = ""
    private(set) var authority: String?
    /// Plain pairs: `HTTPHeaders.add` would look at each name again, which nghttp2 has checked.
    private var fields: [(String, String)] = []
    private(set) var contentLength: Int?
    private(set) var expectsContinue = false
    /// Names, values and 32 each (RFC 9113 §10.5.1).
    private(set) var bytes = 0
    private(set) var isTooLarge = false

    /// Adds a field; nghttp2 has checked names, values, order and repetition (RFC 9113 §8.2, §8.3).
    mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, limit: Int) {
        bytes += name.count + value.count + 32
        guard bytes <= limit else {
            // Nothing more is kept: the answer is 431.
            isTooLarge = true
            fields = []
            return
        }
        let text = String(decoding: value, as: UTF8.self)
        let key = String(decoding: name, as: UTF8.self)
        guard name.first != UInt8(ascii: ":") else { return addPseudo(key, text) }
        if key == "content-length" { contentLength = Int(text) }
        if key == "expect", text.lowercased() == "100-continue" { expectsContinue = true }
        if fields.isEmpty { fields.reserveCapacity(8) }
        fields.append((key, text))
    }

    private mutating func addPseudo(_ name: String, _ value: String) {
        switch name {
        case ":method": method = HTTPMethod(rawValue: value)
        case ":path": target = value
        case ":authority": authority = value
        default: break  // :scheme says nothing here; :protocol is never offered.
        }
    }

    /// The head; `authority` falls back to the Host field (RFC 9113 §8.3.1).
    var head: HTTPRequestHead {
        let headers = HTTPHeaders(fields)
        return HTTPRequestHead(
            method: method, target: target, authority: authority ?? headers.first(name: "host"), headers: headers,
            version: .http2)
    }

    /// Drops what a handler has been given.
    mutating func forgetFields() { fields = [] }
}
