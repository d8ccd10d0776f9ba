import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import ProfileStore
import TestSupport
import Testing

/// W11: a client that stops reading, over one real HTTP/2 connection which it shares with one that reads.
struct SlowWatcherTests {
    /// So many events are remembered, and so many are written before the reader has to have them.
    private static let remembered = 60
    private static let burst = 20
    /// Large enough that windows and buffers are full long before all is written.
    private static let objectBytes = 20_000
    private static let count = 400

    /// The lines of one watch, as they are asked for.
    private struct Lines {
        let response: ClientResponse
        var rest = ByteBuffer()
        var bytes = 0

        /// The name in the next event; nil at the end.
        mutating func next() async throws -> String? {
            while true {
                if let length = rest.readableBytesView.firstIndex(of: 0x0A).map({ $0 - rest.readerIndex + 1 }) {
                    let line = Array(rest.readBytes(length: length) ?? [])
                    return try JSONValue.parse(line)["object"]?["metadata"]?["name"]?.stringValue
                }
                guard var more = try await response.next() else { return nil }
                bytes += more.readableBytes
                rest.discardReadBytes()
                rest.writeBuffer(&more)
            }
        }
    }

    private static func watch(_ client: HTTPClient, _ port: Int, _ version: ResourceVersion) async throws -> Lines {
        let day = Duration.seconds(86_400)
        let target = "\(TestAPI.profiles)?watch=true&resourceVersion=\(version)"
        let response = try await client.execute(
            ClientRequest(
                scheme: .https, host: "localhost", port: port, target: target, headers: ["x-test-user": "alice"],
                deadlines: ClientDeadlines(idle: day, total: day)))
        #expect(response.head.status == .ok)
        return Lines(response: response)
    }

    private static func object(_ number: Int) -> SampleObject {
        SampleObject("shop", "p\(number)", uid: String(repeating: "x", count: objectBytes))
    }

    @Test(.timeLimit(.minutes(5)))
    func w11AClientThatStopsReadingHoldsNobodyUpAndIsCutOffWhenItsNextEventIsForgotten() async throws {
        var options = TestAPI.Options()
        options.store = { $0.eventCount = Self.remembered }
        try await TestAPI.with(options) { api in
            // Nobody is to be cut off by the time that a busy machine takes.
            let server = try await TestServer.start(
                configure: { $0.limits.writeProgressTimeout = .seconds(86_400) }, handler: api.chain)
            let client = HTTPClient(
                group: MultiThreadedEventLoopGroup.singleton,
                configuration: .init(tls: ClientTLSConfiguration(trust: .insecureSkipVerify)))
            let start = api.store.currentVersion
            var stopped = try await Self.watch(client, server.port, start)
            var reader = try await Self.watch(client, server.port, start)
            var last = start
            for number in 0..<Self.count {
                last = try await api.store.create(Self.object(number).draft).resourceVersion
                guard number % Self.burst == Self.burst - 1 else { continue }
                for seen in (number - Self.burst + 1)...number { #expect(try await reader.next() == "p\(seen)") }
            }
            // What it was sent is the beginning, without a gap; then comes a clean end.
            var seen = 0
            while let name = try await stopped.next() {
                #expect(name == "p\(seen)")
                seen += 1
            }
            #expect(seen > 0 && seen < Self.count - Self.remembered)
            // The client's window, the server's buffer for one answer, and one batch of events of at most 256 KiB and one.
            #expect(stopped.bytes <= (3 * 256 + 128) << 10)
            // It goes on behind what it saw, as clients do, and misses nothing.
            let version = ResourceVersion(last.rawValue - UInt64(Self.count - seen))
            var resumed = try await Self.watch(client, server.port, version)
            for number in seen..<Self.count { #expect(try await resumed.next() == "p\(number)") }
            await client.shutdown()
            await server.stop()
        }
    }
}
