public import APIMachinery

/// What goes wrong with a request to ``FakeKubeAPI``.
public enum FakeKubeFault: Sendable {
    /// A Status of this code and reason, with `Retry-After` where given.
    case status(Int, StatusReason = "", message: String = "made to fail", retryAfter: Int? = nil)
    /// These bytes with this status instead of an answer.
    case bytes(Int, String, contentType: String = "text/plain")
    /// No answer, until the client or the server goes away.
    case hang
    /// The connection is closed before any answer.
    case reset
    /// Head and beginning of a long answer, then the connection is closed.
    case resetMidAnswer
    /// 200 and something that is no JSON.
    public static let garbage = FakeKubeFault.bytes(200, "\u{1}{\"kind\": garbage", contentType: "application/json")
}

/// Which requests a fault hits.
public struct FakeKubeFaultRule: Sendable {
    /// Nil is every method.
    public var method: String?
    /// The path, without the query; nil is every path.
    public var path: String?
    /// Only watches, or only what is no watch; nil is both.
    public var watch: Bool?
    /// How many requests that match go well before.
    public var skipping: Int
    /// How many requests are hit then; nil is all.
    public var times: Int?
    /// What goes wrong.
    public var fault: FakeKubeFault

    /// A rule of its parts.
    public init(
        _ fault: FakeKubeFault, method: String? = nil, path: String? = nil, watch: Bool? = nil, skipping: Int = 0,
        times: Int? = nil
    ) {
        self.fault = fault
        self.method = method
        self.path = path
        self.watch = watch
        self.skipping = skipping
        self.times = times
    }

    func matches(_ request: FakeKubeRequest) -> Bool {
        (method == nil || method == request.method) && (path == nil || path == request.path)
            && (watch == nil || watch == request.isWatch) && times != 0
    }

    /// What goes wrong with a request that matches; counts it.
    mutating func hit() -> FakeKubeFault? {
        guard skipping == 0 else {
            skipping -= 1
            return nil
        }
        times = times.map { $0 - 1 }
        return fault
    }
}

/// A request as ``FakeKubeAPI`` saw it.
public struct FakeKubeRequest: Sendable {
    /// `GET`.
    public var method: String
    /// Without the query, as sent.
    public var path: String
    /// The parameters.
    public var query: QueryItems
    /// Names in lower case, with all values.
    public var headers: [String: [String]]
    /// The body, if it is JSON.
    public var body: JSONValue?
    /// Which connection it came on.
    public var connection: UInt64
    /// DER of the client's certificates, leaf first.
    public var certificates: [[UInt8]]
    /// `HTTP/1.1`, `HTTP/2.0`.
    public var httpVersion: String

    /// Whether it asks for a watch.
    public var isWatch: Bool { method == "GET" && query.flag("watch") == true }
    /// The first value of a header field.
    public subscript(header: String) -> String? { headers[header]?.first }
}
