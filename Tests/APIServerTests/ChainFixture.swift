import APIMachinery
import HTTPTransport
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import APIServer

/// What a client would have got.
struct Answer: Sendable {
    var status: HTTPResponseStatus = .custom(code: 0, reasonPhrase: "none")
    var headers = HTTPHeaders()
    var body: [UInt8] = []
    /// The stream was reset, or the writer dropped unanswered.
    var aborted = false

    var text: String { String(decoding: body, as: UTF8.self) }
    func header(_ name: String) -> String? { headers.first(name: name) }
    var json: JSONValue? { try? JSONParser.parse(body).value }
}

/// Takes an answer as a connection would, and keeps it.
final class RecordingSink: ResponseSink {
    let eventLoop: any EventLoop
    private let promise: EventLoopPromise<Answer>
    private let answer = NIOLockedValueBox(Answer())

    init() {
        eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        promise = eventLoop.makePromise()
    }

    /// The answer when it is complete or broken off.
    func value() async throws -> Answer { try await promise.futureResult.get() }

    func send(_ head: HTTPTransport.HTTPResponseHead, body: ByteBuffer?) {
        start(head)
        if let body { _ = write(body) }
        finish()
    }

    func start(_ head: HTTPTransport.HTTPResponseHead) {
        answer.withLockedValue {
            $0.status = head.status
            $0.headers = head.headers
        }
    }

    func write(_ buffer: ByteBuffer) -> WriteOutcome {
        answer.withLockedValue { $0.body.append(contentsOf: buffer.readableBytesView) }
        return .ready
    }

    func whenWritable(_ waiter: WriteWaiter) { waiter.resume(nil) }
    func cancelWait(_ waiter: WriteWaiter) {}
    func finish() { promise.succeed(answer.withLockedValue { $0 }) }
    func abort() {
        promise.succeed(
            answer.withLockedValue {
                $0.aborted = true
                return $0
            })
    }
    func abandon() { abort() }
}

/// A ManualClock that counts as the chain does.
struct ManualRequestClock: Sendable {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let manual = ManualClock()

    var now: NIODeadline { Self.start + TimeAmount(manual.now.offset) }
    func advance(by time: TimeAmount) { manual.advance(by: .nanoseconds(time.nanoseconds)) }
    /// Returns when somebody sleeps.
    func waitForSleeper() async { await manual.waitForSleepers(1) }

    var clock: RequestClock {
        RequestClock(
            now: { now },
            sleep: { deadline in
                let offset = Duration.nanoseconds((deadline - Self.start).nanoseconds)
                try await manual.sleep(until: ManualClock.Instant(offset: offset), tolerance: nil)
            })
    }
}

/// An endpoint of a function.
struct ClosureEndpoint: Endpoint {
    let body: @Sendable (AuthorizedRequest) async throws -> APIResponse
    func respond(to request: AuthorizedRequest) async throws -> APIResponse { try await body(request) }
}

/// Says who it is by the header `x-test-user: name[,group…]`; `bad` are bad credentials.
struct HeaderAuthenticator: Authenticator {
    func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? {
        guard let value = request.http.head.headers.first(name: "x-test-user") else { return nil }
        if value == "bad" { throw AuthenticationError(.invalidToken, "nobody knows secret-token-value") }
        let words = value.split(separator: ",").map(String.init)
        return UserInfo(name: words[0], groups: Array(words.dropFirst()))
    }
}

/// Decides by a function.
struct ClosureAuthorizer: Authorizer {
    let body: @Sendable (Attributes) -> Decision
    func authorize(_ attributes: Attributes) async -> Decision { body(attributes) }
}

/// Keeps log lines.
final class RecordingLog: Sendable {
    private let text = NIOLockedValueBox("")
    var lines: [String] { text.withLockedValue { $0.split(separator: "\n").map(String.init) } }
    func logger(_ level: Logger.Level = .info, format: LogFormat = .text) -> Logger {
        let write: @Sendable ([UInt8]) -> Void = { [self] bytes in
            text.withLockedValue { $0 += String(decoding: bytes, as: UTF8.self) }
        }
        return Logger(label: "test") { LineLogHandler(label: $0, format: format, level: level, write: write) }
    }
}

/// A chain and all that belongs to it.
struct ChainFixture {
    let clock = ManualRequestClock()
    let registry = MetricsRegistry()
    let log = RecordingLog()
    let chain: HandlerChain

    init(
        configuration: HandlerChainConfiguration = HandlerChainConfiguration(),
        authenticator: any Authenticator = HeaderAuthenticator(),
        authorizer: any Authorizer = ClosureAuthorizer { _ in .allow(reason: "") }, auditor: Auditor? = nil,
        gate: ShutdownGate? = nil,
        answering: (any Endpoint)? = nil,
        endpoint: @escaping @Sendable (AuthorizedRequest) async throws -> APIResponse = { _ in .text("fine") }
    ) {
        var resources = KnownResources()
        resources.insert(group: "g", version: "v1", resource: "things")
        resources.insert(group: "g", version: "v1", resource: "things", subresource: "log", connects: true)
        chain = HandlerChain(
            configuration: configuration, authenticator: authenticator, authorizer: authorizer,
            endpoint: answering ?? ClosureEndpoint(body: endpoint), registry: registry, resources: resources,
            logger: log.logger(), clock: clock.clock, auditor: auditor, gate: gate)
    }

    func request(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:],
        connection: PeerConnection = PeerConnection(id: 1)
    ) -> HTTPRequest {
        HTTPRequest(
            head: HTTPTransport.HTTPRequestHead(method: method, target: target, headers: headers),
            connection: connection,
            receivedAt: clock.now)
    }

    func send(_ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        let sink = RecordingSink()
        await chain.handle(request(method, target, headers: headers), ResponseWriter(sink: sink))
        return try await sink.value()
    }
}
