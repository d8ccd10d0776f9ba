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

    /// The answer to a refusal: its Status, and `Retry-After` whenever it says when to try again; without that header
    /// no client retries.
    static func response(_ refusal: StatusError, accept: String?) -> APIResponse {
        let (bytes, mediaType) = StatusEncoding.encode(refusal.status, accept: accept)
        var headers: HTTPHeaders = ["content-type": mediaType, "x-content-type-options": "nosniff"]
        if let seconds = refusal.retryAfterSeconds { headers.add(name: "retry-after", value: String(seconds)) }
        return APIResponse(
            status: HTTPResponseStatus(statusCode: refusal.code), headers: headers,
            body: .bytes(ByteBuffer(bytes: bytes)))
    }
}
