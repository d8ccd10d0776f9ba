public import APIMachinery
public import NIOHTTP1

/// One request to kube-apiserver.
public struct KubeRequest: Sendable {
    /// The method.
    public var method: HTTPMethod
    /// The path below the server's: `/api/v1/namespaces/shop`. Encoded by the client, so a segment must not hold a `/`.
    public var path: String
    /// The parameters, in order; encoded by the client.
    public var query: [(name: String, value: String)]
    /// The body.
    public var body: JSONValue?
    /// What the body is.
    public var contentType: String
    /// Which rate limit counts.
    public var purpose: RequestPurpose
    /// From the call to the whole answer, waits for the rate limit and retries included.
    public var deadline: Duration
    /// What may be tried again.
    public var retries: RetryPolicy
    /// More bytes than that are no answer.
    public var answerLimit: Int

    /// A request of its parts.
    public init(
        method: HTTPMethod = .GET, path: String, query: [(name: String, value: String)] = [], body: JSONValue? = nil,
        contentType: String = "application/json", purpose: RequestPurpose, deadline: Duration = .seconds(30),
        retries: RetryPolicy? = nil, answerLimit: Int = 64 << 20
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.contentType = contentType
        self.purpose = purpose
        self.deadline = deadline
        self.retries = retries ?? (method == .GET ? .reads : .writes)
        self.answerLimit = answerLimit
    }

    /// The request-target in origin form.
    var target: String {
        let parameters = query.map { "\(PercentEncoding.query($0.name))=\(PercentEncoding.query($0.value))" }
        let path = PercentEncoding.path(path)
        return parameters.isEmpty ? path : "\(path)?\(parameters.joined(separator: "&"))"
    }
}

/// What a request is for: each purpose has a rate limit of its own, so that none starves another.
public enum RequestPurpose: Sendable, Hashable, CaseIterable {
    /// TokenReviews and SubjectAccessReviews: users wait for them.
    case review
    /// Lists and watches.
    case informer
    /// Single reads in the course of a request.
    case lookup
    /// Everything that writes, but leases.
    case write
    /// Leases: whoever leads must not lose the lead to other traffic.
    case lease
}

/// Percent encoding (RFC 3986 §2.1) of what goes into a request-target.
enum PercentEncoding {
    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    private static let inPath = unreserved.union("/:@!$&'()*+,;=".utf8)

    /// A path: `/` stays.
    static func path(_ text: String) -> String { encode(text, keeping: inPath) }
    /// A name or value in a query.
    static func query(_ text: String) -> String { encode(text, keeping: unreserved) }

    private static func encode(_ text: String, keeping kept: Set<UInt8>) -> String {
        if text.utf8.allSatisfy(kept.contains) { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if kept.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
