import NIOCore
import NIOHTTP1

/// How the end of a response's body is told (RFC 9112 §6.3).
enum HTTP1Framing: Equatable {
    /// By `Content-Length`; so many bytes are still to come.
    case length(remaining: Int)
    /// By chunks.
    case chunked
    /// By the end of the connection: HTTP/1.0 with a body of unknown length.
    case connection
    /// No body, whatever the handler writes: HEAD, 204, 304.
    case none
}

/// Writes response heads and chunks into one buffer.
///
/// What would break the framing can't pass: `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` of the handler are replaced by the
/// connection's own, names that aren't tokens are left out, control characters in values become blanks.
struct HTTP1ResponseEncoder {
    let method: HTTPMethod
    let version: HTTPVersion

    /// The framing of an answer whose whole body is known (`length`), or that is streamed (nil).
    func framing(_ head: HTTPResponseHead, length: Int?) -> HTTP1Framing {
        guard method != .HEAD, !Self.isBodiless(head.status) else { return .none }
        let declared = length ?? head.headers.first(name: "content-length").flatMap(HTTPText.decimal)
        if let declared { return .length(remaining: declared) }
        return version == .http1_1 ? .chunked : .connection
    }

    /// Writes status line and fields.
    func write(
        _ head: HTTPResponseHead, length: Int?, framing: HTTP1Framing, close: Bool, date: String,
        into buffer: inout ByteBuffer
    ) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(head.status.code))
        buffer.writeStaticString(" ")
        writeText(head.status.reasonPhrase, into: &buffer)
        buffer.writeStaticString("\r\n")
        for (name, value) in head.headers where HTTPText.isToken(name) && !Self.isOwn(name) {
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            writeText(value, into: &buffer)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("date: ")
        buffer.writeString(date)
        buffer.writeStaticString("\r\n")
        if let length = contentLength(head, length: length, framing: framing) {
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(length))
            buffer.writeStaticString("\r\n")
        } else if framing == .chunked {
            buffer.writeStaticString("transfer-encoding: chunked\r\n")
        }
        if close {
            buffer.writeStaticString("connection: close\r\n")
        } else if version != .http1_1 {
            buffer.writeStaticString("connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    /// Writes `size CRLF`, what stands before a chunk's bytes; CRLF follows them.
    static func writeChunkHead(_ count: Int, into buffer: inout ByteBuffer) {
        buffer.writeString(String(count, radix: 16))
        buffer.writeStaticString("\r\n")
    }

    /// RFC 9110 §8.6: none with 204 and 1xx; with HEAD and 304 that of the answer that is not sent, if it is known.
    private func contentLength(_ head: HTTPResponseHead, length: Int?, framing: HTTP1Framing) -> Int? {
        if case .length(let declared) = framing { return declared }
        guard framing == .none, head.status.code >= 200, head.status != .noContent else { return nil }
        if let given = head.headers.first(name: "content-length").flatMap(HTTPText.decimal) { return given }
        return head.status == .notModified ? nil : length
    }

    private static func isBodiless(_ status: HTTPResponseStatus) -> Bool {
        status.code < 200 || status == .noContent || status == .notModified
    }

    private static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.lowercased() == "date"
        case 7: name.lowercased() == "upgrade"
        case 10: ["connection", "keep-alive"].contains(name.lowercased())
        case 14: name.lowercased() == "content-length"
        case 17: name.lowercased() == "transfer-encoding"
        default: false
        }
    }

    private func writeText(_ text: String, into buffer: inout ByteBuffer) {
        if HTTPText.isFieldValue(text) {
            buffer.writeString(text)
        } else {
            buffer.writeBytes(text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 })
        }
    }
}
