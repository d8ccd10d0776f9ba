import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// Widgets served without a socket: requests go through RequestInfo, authentication and authorization to the router.
struct WidgetAPI: Sendable {
    static let widgets = "/apis/example.io/v1/namespaces/prod/widgets"
    static let allWidgets = "/apis/example.io/v1/widgets"

    let storage: InMemoryStorage
    let configuration: HandlerConfiguration
    private let router: EndpointRouter

    init(
        _ storage: InMemoryStorage = InMemoryStorage(), connectors: [any Connector] = [],
        _ configure: (inout HandlerConfiguration) -> Void = { _ in }
    ) {
        var configuration = HandlerConfiguration()
        configuration.now = { Timestamp(rfc3339: "2026-01-01T00:02:41Z") ?? .now() }
        configuration.freshnessPatience = .zero
        configure(&configuration)
        self.storage = storage
        self.configuration = configuration
        let resources = [APIResource(storage, connectors: connectors)]
        let group = APIGroupEndpoint(
            group: "example.io", version: "v1", resources: resources, configuration: configuration)
        let openAPI = OpenAPIEndpoint(group.groupVersion, resources: resources, now: configuration.now)
        router = EndpointRouter(
            groups: [group],
            discovery: [DiscoveryEndpoint(group.groupVersion, resources: group.discovered, otherPaths: ["/healthz"])],
            paths: ["/openapi/v2": openAPI, "/openapi/v3": openAPI, "/openapi/v3/": openAPI],
            standIns: [ImpliedNamespaces.groupVersion: ImpliedNamespaces()])
    }

    /// An answer with its whole body; streams are read to their end.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let text: String
        var pieces: [Int] = []
        var warnings: [String] = []

        var json: JSONValue { (try? JSONValue.parse(Array(text.utf8))) ?? .null }
        var reason: String { json["reason"]?.stringValue ?? "" }
        var message: String { json["message"]?.stringValue ?? "" }
        var items: [JSONValue] { json["items"]?.arrayValue ?? [] }
        var names: [String] { items.compactMap { $0["metadata"]?["name"]?.stringValue } }
        var version: String { json["metadata"]?["resourceVersion"]?.stringValue ?? "" }
        var continueToken: String { json["metadata"]?["continue"]?.stringValue ?? "" }
    }

    /// Sends a request and reads the answer; errors are answered as the chain answers them.
    func send(
        _ method: HTTPMethod = .GET, _ target: String, _ headers: HTTPHeaders = [:], body: String? = nil
    ) async throws -> Answer {
        let request = try await Self.authorized(method, target, headers, body: body)
        let warnings = request.warnings
        let response: APIResponse
        do {
            response = try await router.respond(to: request)
        } catch {
            let refusal = ErrorBoundary.response(
                ErrorBoundary.refusal(error), to: request.http.head, query: request.query)
            response = APIResponse(status: refusal.0, headers: refusal.1, body: .bytes(refusal.2))
        }
        let status = Int(response.status.code)
        switch response.body {
        case .bytes(let buffer):
            return Answer(
                status: status, headers: response.headers, text: String(buffer: buffer), warnings: warnings.headerValues
            )
        case .stream(let write):
            let sink = StreamSink()
            let writer = ResponseBodyWriter(sink: sink)
            try await write(writer)
            try await writer.finish()
            var text = ByteBuffer()
            for await var piece in sink.pieces { text.writeBuffer(&piece) }
            return Answer(
                status: status, headers: response.headers, text: String(buffer: text), pieces: sink.writes,
                warnings: warnings.headerValues)
        }
    }

    /// Opens a stream, gives its lines to `body` as they come, and cancels it when `body` returns.
    func watch(
        _ target: String, _ headers: HTTPHeaders = [:], _ body: (inout Lines) async throws -> Void
    ) async throws {
        let request = try await Self.authorized(.GET, target, headers, body: nil)
        let response = try await router.respond(to: request)
        guard case .stream(let write) = response.body else {
            Issue.record("\(target) was not answered by a stream")
            return
        }
        let sink = StreamSink()
        var lines = Lines(sink)
        async let _ = {
            let writer = ResponseBodyWriter(sink: sink)
            try await write(writer)
            try await writer.finish()
        }()
        try await body(&lines)
        // Leaving cancels the writing.
    }

    /// The lines of a stream.
    struct Lines {
        private let sink: StreamSink
        private var rest = ""

        init(_ sink: StreamSink) { self.sink = sink }

        /// The next event; nil when the stream has ended.
        mutating func next() async throws -> JSONValue? {
            while true {
                if let end = rest.firstIndex(of: "\n") {
                    let line = rest[..<end]
                    rest = String(rest[rest.index(after: end)...])
                    return try JSONValue.parse(Array(line.utf8))
                }
                guard let piece = await sink.nextPiece() else { return nil }
                rest += String(buffer: piece)
            }
        }

        /// The next event as `TYPE name@version`.
        mutating func summary() async throws -> String? {
            guard let event = try await next() else { return nil }
            let object = event["object"]
            let metadata = object?["metadata"]
            let name = metadata?["name"]?.stringValue ?? object?["reason"]?.stringValue ?? ""
            return "\(event["type"]?.stringValue ?? "?") \(name)@\(metadata?["resourceVersion"]?.stringValue ?? "")"
        }
    }

    static func authorized(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders, body: String?
    ) async throws -> AuthorizedRequest {
        struct Nobody: Authenticator {
            func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? { nil }
        }
        struct Everything: Authorizer {
            func authorize(_ attributes: Attributes) async -> Decision { .allow(reason: "") }
        }
        let parsed = try RequestTarget(target)
        let query = parsed.query.map { QueryItems(parsing: $0) } ?? QueryItems()
        let info = try RequestInfo(method: method, target: parsed, query: query)
        let http = HTTPRequest(
            head: HTTPRequestHead(method: method, target: target, headers: headers),
            body: body.map { RequestBody.bytes(ByteBuffer(string: $0)) } ?? .empty, connection: PeerConnection(id: 1))
        let context = RequestContext(info: info, query: query, auditID: "audit", deadline: .distantFuture)
        let registry = MetricsRegistry()
        let known = try await AuthenticationStep(
            authenticator: Nobody(), metrics: AuthenticationMetrics(registry: registry, now: { .now() })
        ).authenticate(UnauthenticatedRequest(http: http, context: context))
        return try await AuthorizationStep(
            authorizer: Everything(), metrics: AuthorizationMetrics(registry: registry, now: { .now() })
        ).authorize(known)
    }
}

/// A clock whose sleeps end at once.
struct InstantClock: Clock {
    typealias Instant = ContinuousClock.Instant
    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .nanoseconds(1) }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws { try Task.checkCancellation() }
}

extension HTTPHeaders {
    static let json: HTTPHeaders = ["accept": "application/json"]
    static let yaml: HTTPHeaders = ["accept": "application/yaml"]
    static let protobufFirst: HTTPHeaders = [
        "accept": "application/vnd.kubernetes.protobuf,application/json"
    ]
    static let table: HTTPHeaders = [
        "accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,"
            + "application/json"
    ]
    /// What metadata informers send: protobuf, which isn't offered, first.
    static func partial(_ kind: String) -> HTTPHeaders {
        [
            "accept": "application/vnd.kubernetes.protobuf;as=\(kind);g=meta.k8s.io;v=v1,"
                + "application/json;as=\(kind);g=meta.k8s.io;v=v1,application/json"
        ]
    }
}
