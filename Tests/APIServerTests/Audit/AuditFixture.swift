import APIMachinery
import HTTPTransport
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// Keeps lines instead of writing them; refuses them when told to.
final class RecordingOutput: AuditOutput {
    struct Refusal: Error {}
    private let state = NIOLockedValueBox((lines: [[UInt8]](), refuses: false, isClosed: false))

    var lines: [String] { state.withLockedValue { $0.lines.map { String(decoding: $0, as: UTF8.self) } } }
    var isClosed: Bool { state.withLockedValue { $0.isClosed } }
    func refuse() { state.withLockedValue { $0.refuses = true } }

    func write(_ lines: [[UInt8]]) throws {
        try state.withLockedValue { state in
            if state.refuses { throw Refusal() }
            state.lines += lines
        }
    }

    func close() { state.withLockedValue { $0.isClosed = true } }
}

/// A chain over widgets that is audited by a policy.
struct AuditFixture {
    let output = RecordingOutput()
    let registry = MetricsRegistry()
    let log: AuditLog
    let fixture: ChainFixture

    /// - Parameter rules: the policy behind its header; what is below `rules:`, or other fields too.
    init(
        _ rules: String = "rules: [{level: RequestResponse}]", mode: AuditMode = .batch,
        eventLimit: Int = AuditLog.defaultEventLimit,
        authorizer: any Authorizer = ClosureAuthorizer { _ in .allow(reason: "RBAC: allowed") },
        endpoint: (any Endpoint)? = nil
    ) throws {
        let policy = try AuditPolicyTests.policy("\(AuditPolicyTests.header)\(rules)\n")
        let metrics = AuditMetrics(registry: registry)
        log = AuditLog(
            output: output, mode: mode, eventLimit: eventLimit, metrics: metrics,
            logger: Logger(label: "audit") { _ in SwiftLogNoOpLogHandler() })
        var configuration = HandlerConfiguration()
        configuration.now = { Self.time }
        configuration.clock = InstantClock()
        let widgets = APIGroupEndpoint(
            group: "example.io", version: "v1", resources: [APIResource(InMemoryStorage())],
            configuration: configuration)
        let endpoint = endpoint ?? EndpointRouter(groups: [widgets], paths: [:])
        fixture = ChainFixture(
            authorizer: authorizer, auditor: Auditor(policy: { policy }, log: log, metrics: metrics, now: { Self.time })
        ) { try await endpoint.respond(to: $0) }
    }

    static let time = Timestamp(seconds: 1_767_225_600, nanoseconds: 10_000_000) ?? .earliest

    /// The events of what `body` sends.
    @discardableResult
    func events(_ body: (ChainFixture) async throws -> Void) async throws -> [JSONValue] {
        async let running: Void = log.run()
        do {
            try await body(fixture)
        } catch {
            log.close()
            await running
            throw error
        }
        log.close()
        await running
        return try output.lines.map { line in
            #expect(line.last == "\n" && !line.dropLast().contains("\n"))
            return try JSONValue.parse(Array(line.utf8))
        }
    }

    func count(_ metric: String, _ label: String...) -> UInt64 {
        registry.counters(metric, "", labels: label.isEmpty ? [] : ["x"]).with(label).value
    }
}

extension ChainFixture {
    /// Sends a request with a body, as alice unless told otherwise.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: String,
        connection: PeerConnection = PeerConnection(id: 1)
    ) async throws -> Answer {
        let sink = RecordingSink()
        var headers = headers
        if !headers.contains(name: "x-test-user") { headers.add(name: "x-test-user", value: "alice,dev") }
        let request = HTTPRequest(
            head: HTTPTransport.HTTPRequestHead(method: method, target: target, headers: headers),
            body: body.isEmpty ? .empty : .bytes(ByteBuffer(string: body)), connection: connection,
            receivedAt: clock.now)
        await chain.handle(request, ResponseWriter(sink: sink))
        return try await sink.value()
    }
}

extension JSONValue {
    /// The member at a dotted path as compact JSON; nil if there is none.
    func at(_ path: String) -> String? {
        var value: JSONValue? = self
        for name in path.split(separator: ".") { value = value?[String(name)] }
        return value.map { String(decoding: $0.encoded(), as: UTF8.self) }
    }

    /// The string at a dotted path.
    func text(_ path: String) -> String? {
        var value: JSONValue? = self
        for name in path.split(separator: ".") { value = value?[String(name)] }
        return value?.stringValue
    }
}
