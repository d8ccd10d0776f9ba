public import HTTPTransport
public import NIOCore
public import NIOHTTP1

/// The fields of answers of one kind, with those that every answer has; made once for all of them.
struct AnswerFields: Sendable {
    let fields: ResponseFields

    init(_ headers: HTTPHeaders) { fields = ResponseFields(Self.complete(headers)) }

    /// `headers` and what every answer has (conformance 8.0).
    static func complete(_ headers: HTTPHeaders) -> HTTPHeaders {
        guard !headers.contains(name: "cache-control") else { return headers }
        var headers = headers
        headers.add(name: "cache-control", value: "no-cache, private")
        return headers
    }
}

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
    /// The fields, where other answers have the same.
    private(set) var shared: AnswerFields?
    /// The fields, where they are of this answer only.
    private var own: HTTPHeaders
    /// The body.
    public var body: Body

    /// Makes an answer.
    public init(status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:], body: Body) {
        self.status = status
        own = headers
        self.body = body
    }

    /// Makes an answer of fields that other answers have, too.
    init(status: HTTPResponseStatus = .ok, fields: AnswerFields, body: Body) {
        self.init(status: status, body: body)
        shared = fields
    }

    /// The fields; `content-length` and `date` are the transport's.
    public var headers: HTTPHeaders {
        get { shared?.fields.headers ?? own }
        set {
            shared = nil
            own = newValue
        }
    }

    /// An answer of `text` as `text/plain; charset=utf-8` with `X-Content-Type-Options: nosniff`.
    public static func text(_ text: String, status: HTTPResponseStatus = .ok) -> APIResponse {
        APIResponse(
            status: status,
            headers: ["content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"],
            body: .bytes(ByteBuffer(string: text)))
    }
}
