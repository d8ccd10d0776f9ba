public import HTTPTransport
public import NIOCore
public import NIOHTTP1

/// What an endpoint answers.
///
/// The chain adds `Audit-Id`, `Cache-Control: no-cache, private` (unless the endpoint set one), `Warning` headers.
public struct APIResponse: Sendable {
    /// What follows the head.
    public enum Body: Sendable {
        /// The whole body; an empty buffer for none.
        case bytes(ByteBuffer)
        /// A body written piece by piece after the head is flushed. The chain finishes the writer; a throw aborts the stream
        /// (RST_STREAM, or the connection closes), so that the client can tell the body is not whole.
        case stream(@Sendable (borrowing ResponseBodyWriter) async throws -> Void)
    }

    /// The status code.
    public var status: HTTPResponseStatus
    /// The fields; `content-length` and `date` are the transport's.
    public var headers: HTTPHeaders
    /// The body.
    public var body: Body

    /// Makes an answer.
    public init(status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer of `text` as `text/plain; charset=utf-8` with `X-Content-Type-Options: nosniff`.
    public static func text(_ text: String, status: HTTPResponseStatus = .ok) -> APIResponse {
        APIResponse(
            status: status,
            headers: ["content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"],
            body: .bytes(ByteBuffer(string: text)))
    }
}
