public import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// Tells the types and operations of a group version: `/openapi/v2`, `/openapi/v3`, `/openapi/v3/apis/G/V` (conformance 7).
///
/// JSON only: who takes nothing else, such as `kubectl`'s request for the protobuf form of Swagger 2.0, gets 406; kubectl goes
/// to `/openapi/v3` first, and kube-apiserver asks for JSON. The bytes are made once, here, and are the same on every replica, so
/// there is no `Last-Modified`: the entity tag is what tells versions apart.
///
/// | request | caching |
/// |---|---|
/// | the index, v2, the document without `hash` | asked again by `If-None-Match`: 304 |
/// | the document with its own `hash` | `public, immutable`, `Expires` in a year |
/// | the document with another `hash` | the present one, 200, not immutable |
///
/// In the last case kube-apiserver redirects to the right hash; behind the aggregator that breaks `kubectl explain` whenever two
/// versions of a server run at a time.
public struct OpenAPIEndpoint: ImmediateEndpoint {
    private let documents: OpenAPIDocuments
    private let bodies: [String: ByteBuffer]
    private let now: @Sendable () -> Timestamp

    /// Tells of one group version.
    ///
    /// - Parameters:
    ///   - resources: as the group serves them.
    ///   - now: the time of day, for `Expires`.
    public init(_ groupVersion: GroupVersion, resources: [APIResource], now: @escaping @Sendable () -> Timestamp) {
        documents = OpenAPIDocuments(groupVersion, resources: resources.map(\.openAPI))
        let all = [documents.v2, documents.v3, documents.index]
        bodies = Dictionary(
            all.map { ($0.hash, ByteBuffer(bytes: $0.json)) }, uniquingKeysWith: { first, _ in first })
        self.now = now
    }

    /// The document; 304 where the client has it, 405 for anything but GET, 406 for who takes no JSON.
    public func answer(_ request: AuthorizedRequest) throws -> APIResponse {
        guard let document = document(request.info.path), let body = bodies[document.hash] else {
            throw StatusError.resourceNotFound()
        }
        guard request.http.head.method == .GET else { throw StatusError.methodNotAllowed() }
        let headers = request.http.head.headers
        let accept = AcceptHeader(headers[canonicalForm: "accept"].map(String.init))
        guard accept.clauses.contains(where: { $0.covers("application/json") }) else {
            throw StatusError.notAcceptable(["application/json"])
        }
        var answer: HTTPHeaders = ["etag": document.etag, "vary": "Accept"]
        if document == documents.v3, request.query["hash"] == document.hash {
            answer.add(name: "cache-control", value: "public, immutable")
            answer.add(name: "expires", value: DateCache.format(Int(clamping: now().seconds) + Self.year))
        }
        if EntityTag.isKnown(document.etag, to: headers) {
            return APIResponse(status: .notModified, headers: answer, body: .bytes(ByteBuffer()))
        }
        answer.add(name: "content-type", value: "application/json")
        return APIResponse(headers: answer, body: .bytes(body))
    }

    private static let year = 365 * 24 * 3600

    private func document(_ path: String) -> OpenAPIDocuments.Document? {
        switch path {
        case "/openapi/v2": documents.v2
        case "/openapi/v3", "/openapi/v3/": documents.index
        case documents.path: documents.v3
        default: nil
        }
    }
}
