public import APIMachinery
public import HTTPTransport
public import NIOHTTP1

/// Another API in front of the same server: how its requests are meant in Kubernetes' words, and how its refusals are written.
///
/// Everything between is the same for all who come in: ``HandlerChain`` authenticates, authorizes, limits, records and counts such a
/// request as the Kubernetes request that it means.
public protocol RequestDialect: Sendable {
    /// What a request is about. Throws what it is answered with before anybody asks who it is: 404, 405.
    func info(_ method: HTTPMethod, _ target: RequestTarget, _ query: QueryItems) throws -> RequestInfo

    /// The same now that the sender is known; nil if that makes no difference.
    func info(_ info: RequestInfo, sentBy user: UserInfo) -> RequestInfo?

    /// What is said in the place of a refusal; `info` is nil where it isn't known what the request is about.
    func refusal(_ refusal: StatusError, of info: RequestInfo?) -> StatusError

    /// The answer to a request that was refused; its body is whole.
    func response(_ refusal: StatusError, to head: HTTPTransport.HTTPRequestHead) -> (
        status: HTTPResponseStatus, headers: HTTPHeaders, body: [UInt8]
    )
}
