import APIMachinery
import APIServer
import Foundation
import HTTPTransport
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Pprof
import ProfileCapture
import ProfileStore
import Synchronization
import TestSupport
import Testing

@testable import ProfilesAPI

/// The whole API in process: the handler chain over the real storages and an embedded store in a directory of its own. Captures
/// run over the real HTTP client.
final class TestAPI: Sendable {
    /// Who asks for what; the right to reach pods is asked by the same function.
    typealias Rule = @Sendable (Attributes) -> Bool

    static let shop = "/apis/profefe.io/v1/namespaces/shop"
    static let profiles = "\(shop)/profiles"
    static let captures = "\(shop)/profilecaptures"
    static let start = Timestamp(seconds: 1_795_334_400) ?? .earliest  // 2026-11-22T08:00:00Z

    let store: EmbeddedStore
    let api: ProfilesAPI
    let clock = ManualClock()
    let chain: HandlerChain
    /// The way of requests to profefe's own API.
    private let collectorChain: HandlerChain
    private let client: HTTPClient
    private let timeBox: TimeBox

    private init(_ options: Options, store: EmbeddedStore, client: HTTPClient) {
        self.store = store
        self.client = client
        let time = TimeBox(options.now)
        self.timeBox = time
        let mayReach = options.rule
        var configuration = ProfilesAPI.Configuration()
        configuration.captures = options.captures
        configuration.analyses = options.analyses
        configuration.collector = options.collector
        api = ProfilesAPI(
            configuration, store: store,
            resolver: TargetResolver(pods: options.pods) { requester, pod in
                mayReach(
                    Attributes(
                        user: UserInfo(name: requester.name, groups: requester.groups), verb: "create", group: "",
                        version: "v1",
                        resource: "pods", subresource: "portforward", namespace: pod.namespace, name: pod.name))
            },
            fetcher: ProfileFetcher(client: client, decoder: ProfileDecoder(limits: .default)), clock: clock,
            now: { time.now }, logger: .silent)
        var handlers = HandlerConfiguration()
        handlers.now = { time.now }
        handlers.creation = CreationGate(authorizer: RuleAuthorizer(rule: options.rule))
        handlers.freshnessPatience = .zero
        let group = APIGroupEndpoint(
            group: "profefe.io", version: "v1", resources: api.resources, configuration: handlers)
        // No request is to end by the time that a busy machine takes for it.
        var chainConfiguration = HandlerChainConfiguration()
        chainConfiguration.requestTimeout = .seconds(86_400)
        chainConfiguration.mutatingRequestTimeout = .seconds(86_400)
        chain = HandlerChain(
            configuration: chainConfiguration, authenticator: HeaderUser(),
            authorizer: RuleAuthorizer(rule: options.rule),
            endpoint: EndpointRouter(groups: [group], discovery: [], paths: [:]), registry: MetricsRegistry(),
            resources: KnownResources(), logger: .silent)
        collectorChain = api.collectorAPI.chain(
            chain, authorizer: RuleAuthorizer(rule: options.rule), version: "v1.2.3")
    }

    /// What a test may choose.
    struct Options: Sendable {
        var pods: any PodSource = NoPods()
        var rule: Rule = { _ in true }
        var captures = CaptureService.Limits()
        var analyses = AnalysisLimits()
        var now = TestAPI.start
        /// Whether captures and their controller run.
        var runs = true
        var directory: String?
        /// What the store removes and keeps by itself.
        var retention = RetentionConfiguration()
        /// The store's clock.
        var storeClock: (@Sendable () -> Int64)?
        /// What keeps the profiles, if not the store; polled when a test says so.
        var collector: CollectorConfiguration?
        var store: @Sendable (inout EmbeddedStoreConfiguration) -> Void = { _ in }
    }

    /// Opens the API, gives it to `body`, ends its services and removes its files (unless a directory was given).
    static func with<T: Sendable>(
        _ options: Options = Options(), _ body: @escaping @Sendable (TestAPI) async throws -> T
    ) async throws -> T {
        let directory = options.directory ?? NSTemporaryDirectory() + "profiles-api-\(UUID())"
        defer { if options.directory == nil { try? FileManager.default.removeItem(atPath: directory) } }
        var configuration = EmbeddedStoreConfiguration(directory: directory)
        configuration.retention = options.retention
        if let clock = options.storeClock { configuration.clock = clock }
        options.store(&configuration)
        let store = try EmbeddedStore(configuration: configuration, logger: .silent)
        let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton)
        let test = TestAPI(options, store: store, client: client)
        do {
            let result = try await withThrowingTaskGroup(of: Void.self) { group in
                if options.runs {
                    group.addTask { await test.api.captures.run() }
                    group.addTask { await test.api.controller.run() }
                }
                group.addTask { await test.api.services.run() }
                defer { group.cancelAll() }
                return try await body(test)
            }
            await client.shutdown()
            await store.close()
            return result
        } catch {
            await client.shutdown()
            await store.close()
            throw error
        }
    }

    /// Sets the time of day.
    func set(_ time: Timestamp) { timeBox.now = time }

    /// Sends a request as `user` and reads the answer to its end.
    func send(
        _ method: HTTPMethod = .GET, _ target: String, _ headers: HTTPHeaders = [:], user: String = "alice",
        body: [UInt8]? = nil
    ) async throws -> Answer {
        let sink = AnswerSink()
        await handle(method, target, headers, user, body.map { .bytes(ByteBuffer(bytes: $0)) } ?? .empty, sink)
        return await sink.answer()
    }

    /// Sends a request to profefe's own API.
    func collector(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:], user: String = "alice",
        body: [UInt8]? = nil
    ) async throws -> Answer {
        let sink = AnswerSink()
        let body: RequestBody = body.map { .bytes(ByteBuffer(bytes: $0)) } ?? .empty
        await handle(method, target, headers, user, body, sink, by: collectorChain)
        return await sink.answer()
    }

    /// Sends a body in pieces, without saying its length before.
    func send(_ method: HTTPMethod, _ target: String, pieces: [[UInt8]]) async throws -> Answer {
        let pipe = RequestBodyPipe()
        for piece in pieces { pipe.receive(ByteBuffer(bytes: piece)) }
        pipe.finish()
        let sink = AnswerSink()
        await handle(method, target, [:], "alice", RequestBody(declaredLength: nil, pipe: pipe), sink)
        return await sink.answer()
    }

    /// Sends an object as JSON.
    func create(_ target: String, _ object: JSONValue, _ headers: HTTPHeaders = [:], user: String = "alice")
        async throws -> Answer
    {
        try await send(.POST, target, headers, user: user, body: object.encoded())
    }

    /// Opens a watch, gives its events to `body`, and ends it.
    func watch<T: Sendable>(
        _ target: String, _ headers: HTTPHeaders = [:], _ body: (Events) async throws -> T
    ) async throws -> T {
        let sink = AnswerSink()
        let task = Task { await handle(.GET, target, headers, "alice", .empty, sink) }
        defer { task.cancel() }
        return try await body(Events(sink))
    }

    private func handle(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders, _ user: String, _ body: RequestBody,
        _ sink: AnswerSink, by other: HandlerChain? = nil
    ) async {
        var headers = headers
        headers.add(name: "x-test-user", value: user)
        let request = HTTPRequest(
            head: HTTPTransport.HTTPRequestHead(method: method, target: target, headers: headers), body: body,
            connection: PeerConnection(id: 1))
        await (other ?? chain).handle(request, ResponseWriter(sink: sink))
    }
}

/// The time of day that a test says.
final class TimeBox: Sendable {
    private let time: Mutex<Timestamp>
    init(_ time: Timestamp) { self.time = Mutex(time) }
    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

/// No pods at all.
struct NoPods: PodSource {
    func pods(in namespace: String) async throws(CaptureError) -> [Pod] { [] }
}

/// Says who it is by a header.
private struct HeaderUser: Authenticator {
    func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
        request.http.head.headers.first(name: "x-test-user").map {
            UserInfo(name: $0, groups: ["system:authenticated"])
        }
    }
}

private struct RuleAuthorizer: Authorizer {
    let rule: TestAPI.Rule
    func authorize(_ attributes: Attributes) async -> Decision {
        attributes.resource == "pods" || rule(attributes) ? .allow(reason: "") : .noOpinion(reason: "")
    }
}

extension HTTPHeaders {
    /// What `kubectl get` sends.
    static let table: HTTPHeaders = ["accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"]
}
