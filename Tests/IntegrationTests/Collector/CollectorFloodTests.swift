import Foundation
import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

/// More agents at a time than the server takes: those beyond are told to come back, in a way that they understand, and nothing of what was
/// taken is lost.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .server(flags: RunningServer.collectorFlags + ["--max-mutating-requests-inflight", "4"]), .serverLog)
struct CollectorFloodTests {
    /// A server's answers to one agent.
    private struct Answered: Sendable {
        let status: Int
        let retryAfter: String?
        let json: JSONBytes
    }

    /// The bytes of JSON: the parsed form can't go between tasks.
    private struct JSONBytes: Sendable {
        let bytes: [UInt8]
        var value: JSON { JSON(bytes) }
    }

    private static func withAgents<R>(_ body: (HTTPClient) async throws -> R) async throws -> R {
        let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton)
        return try await using(client, endedBy: { await $0.shutdown() }, body)
    }

    private static func target(_ service: String) -> String { "/api/0/profiles?service=\(service)&type=heap" }

    private static func post(_ client: HTTPClient, _ port: Int, _ service: String) async throws -> Answered {
        let request = ClientRequest(
            method: .POST, host: "127.0.0.1", port: port, target: target(service),
            body: ByteBuffer(bytes: try ProfileFixture.heap.bytes))
        let response = try await client.execute(request)
        let body = try await response.collect(upTo: 1 << 20)
        return Answered(
            status: Int(response.head.status.code), retryAfter: response.head.headers.first(name: "retry-after"),
            json: JSONBytes(bytes: Array(body.readableBytesView)))
    }

    /// Sends so many, each until it is taken; their ids.
    private static func send(
        _ count: Int, _ client: HTTPClient, _ port: Int, _ service: String
    ) async throws -> [String] {
        var ids: [String] = []
        while ids.count < count {
            let answer = try await post(client, port, service)
            guard answer.status == 200 else {
                check(answer)
                if answer.status == 429 { continue }
                throw Trouble("an agent was answered \(answer.status): \(answer.json.value)")
            }
            ids.append(try #require(answer.json.value["body"]["id"].string))
        }
        return ids
    }

    private static func check(_ refused: Answered) {
        #expect(refused.status == 429)
        #expect(refused.retryAfter.flatMap { Int($0) } ?? 0 > 0)
        #expect(refused.json.value["code"].integer == 429)
        #expect(refused.json.value["error"].string?.isEmpty == false)
        #expect(refused.json.value.keys == ["code", "error"])
    }

    private static func ids(_ port: Int, _ service: String) async throws -> [String] {
        let range = "from=2000-01-01T00:00:00&to=2100-01-01T00:00:00"
        let found = try await askCollector(
            "http://127.0.0.1:\(port)", target: "/api/0/profiles?service=\(service)&\(range)")
        return found.json["body"].array.compactMap { $0["id"].string }
    }

    /// All places are taken by agents whose bodies come slowly: every other one is refused, and these four are not.
    @Test func whereAllPlacesAreTakenTheNextIsToldToComeBack() async throws {
        let server = try RunningServer.shared
        let port = try await server.collectorPort()
        let bytes = try ProfileFixture.heap.bytes
        // The most since the last time that it was asked for is told.
        _ = try await server.curl("/metrics")
        let lines = try await HeldPosts.with(4, port: port, target: Self.target("held"), bytes) {
            try await eventually("all places are taken", within: .seconds(60)) {
                try await server.curl("/metrics").text.contains(
                    "apiserver_current_inflight_requests{request_kind=\"mutating\"} 4")
            }
            try await Self.withAgents { client in
                for _ in 0..<20 { Self.check(try await Self.post(client, port, "refused")) }
            }
            // Whoever reads isn't in the way.
            #expect(try await askCollector("http://127.0.0.1:\(port)", target: "/api/0/version").status == 200)
        }
        #expect(lines == [String](repeating: "HTTP/1.1 200 OK", count: 4))
        #expect(try await Self.ids(port, "held").count == 4)
        #expect(try await Self.ids(port, "refused").isEmpty)
    }

    /// A flood of agents that come back when they are told to: each answer is 200 or 429, and the profiles are those that got a 200.
    @Test func inAFloodNothingThatWasTakenIsLost() async throws {
        let port = try await RunningServer.shared.collectorPort()
        let ids = try await Self.withAgents { client in
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<48 { group.addTask { try await Self.send(4, client, port, "flood") } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(ids.count == 48 * 4)
        #expect(try await Self.ids(port, "flood").sorted() == ids.sorted())
    }
}
