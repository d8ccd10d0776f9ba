internal import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// Turns what a step or an endpoint threw into an answer: the only place that writes errors (conformance 10.1).
///
/// A `StatusError` says its own Status; faults of the transport have theirs; anything else is a 500 whose text says nothing
/// of the cause. Swift has no way to catch a trap: one in a handler ends the process (see ``HandlerChain``).
enum ErrorBoundary {
    /// The refusal `error` stands for, the error as its cause unless it is one itself.
    static func refusal(_ error: any Error) -> StatusError {
        switch error {
        case let refusal as StatusError: refusal
        case let error as TransportError: transportRefusal(error).caused(by: error)
        case let error as RequestTarget.Malformed: .badRequest(error.message)
        case let error as RequestInfo.Unresolvable: .internalError("failed to create RequestInfo: \(error.message)")
        default: StatusError.internalError("the server failed to answer the request").caused(by: error)
        }
    }

    private static func transportRefusal(_ error: TransportError) -> StatusError {
        switch error.code {
        case .bodyTooLarge: .requestEntityTooLarge(error.message)
        case .timedOut: .timeout("the request's body was not received in time")
        case .cancelled, .connectionClosed, .protocolViolation: .badRequest("the request's body was not received whole")
        default: .internalError("the server failed to answer the request")
        }
    }

    /// The answer to a refusal: its Status in the form the client asked for, JSON if it can't be had; `Retry-After` whenever
    /// the Status says when to try again, for without that header no client does.
    static func response(
        _ refusal: StatusError, to head: HTTPTransport.HTTPRequestHead, query: QueryItems
    ) -> (HTTPResponseStatus, HTTPHeaders, ByteBuffer) {
        let preferences = AnswerPreferences(
            accept: head.headers[canonicalForm: "accept"].map(String.init),
            userAgent: head.headers.first(name: "user-agent") ?? "", query: query)
        let (bytes, mediaType) = encode(refusal.status, Negotiated(statusFor: preferences))
        var headers: HTTPHeaders = ["content-type": mediaType, "x-content-type-options": "nosniff"]
        if let seconds = refusal.retryAfterSeconds { headers.add(name: "retry-after", value: String(seconds)) }
        return (HTTPResponseStatus(statusCode: refusal.code), headers, ByteBuffer(bytes: bytes))
    }

    private static func encode(_ status: Status, _ form: Negotiated) -> ([UInt8], String) {
        let json = status.encoded
        if form.encoding == .yaml, let document = try? JSONParser.parse(json) {
            return (YAML.encode(document.value), form.contentType)
        }
        return (form.pretty ? JSONPretty.indent(json) : json, Negotiated.Encoding.json.rawValue)
    }
}
