import HTTPTransport
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

/// The fake collector has the faults of profefe (`profefe.md` 1), or tests that it passes prove nothing: where profefe is present, it is
/// asked the same.
@Suite struct FakeCollectorTests {
    /// The two with badger.
    static let peers = [CollectorPeer.fakeBadger] + (RealCollector.isPresent ? [.profefe] : [])

    struct Asker: Sendable {
        let port: Int
        let client: HTTPClient

        func ask(
            _ method: HTTPMethod = .GET, _ target: String, body: [UInt8]? = nil
        ) async throws -> (status: Int, text: String) {
            let response = try await client.execute(
                ClientRequest(
                    method: method, host: "127.0.0.1", port: port, target: "/api/0/\(target)",
                    body: body.map { ByteBuffer(bytes: $0) }))
            let bytes = try await response.collect(upTo: 1 << 24)
            return (Int(response.head.status.code), String(buffer: bytes))
        }

        /// The ids in an answer.
        static func ids(_ text: String) -> [String] {
            text.split(separator: "\"id\":\"").dropFirst().compactMap {
                $0.split(separator: "\"").first.map(String.init)
            }
        }
    }

    private static func with(_ peer: CollectorPeer, _ body: (Asker) async throws -> Void) async throws {
        let client = HTTPClient(group: MultiThreadedEventLoopGroup.singleton)
        if peer == .profefe {
            try await RealCollector.with { try await body(Asker(port: $0.port, client: client)) }
        } else {
            try await FakeCollector.with { try await body(Asker(port: $0.port, client: client)) }
        }
        await client.shutdown()
    }

    private static func send(_ asker: Asker, _ parameters: String) async throws -> String {
        let answer = try await asker.ask(.POST, "profiles?\(parameters)", body: sample)
        guard answer.status == 200, let id = Asker.ids(answer.text).first else { throw Trouble("\(answer)") }
        return id
    }

    private static let range = "from=2020-01-01T00:00:00&to=2040-01-01T00:00:00"

    @Test(arguments: peers)
    func theBeginningOfAnIDIsEnough(_ peer: CollectorPeer) async throws {
        try await Self.with(peer) { asker async throws in
            let id = try await Self.send(asker, "service=web&type=cpu")
            #expect(try await asker.ask(.GET, "profiles/\(id.prefix(8))").status == 200)
        }
    }

    @Test(arguments: peers)
    func aDeletionAnswersWithTheProfileAndDeletesNothing(_ peer: CollectorPeer) async throws {
        try await Self.with(peer) { asker async throws in
            let id = try await Self.send(asker, "service=web&type=cpu")
            for _ in 0..<2 { #expect(try await asker.ask(.DELETE, "profiles/\(id)").status == 200) }
            #expect(try await asker.ask(.DELETE, "profiles").status == 200)
            #expect(try await asker.ask(.GET, "profiles/\(id)").status == 200)
        }
    }

    @Test(arguments: peers)
    func nothingFoundIs404(_ peer: CollectorPeer) async throws {
        try await Self.with(peer) { asker async throws in
            for target in ["services", "profiles?service=web&\(Self.range)", "profiles/00000000000000000000"] {
                let answer = try await asker.ask(.GET, target)
                #expect(answer.status == 404 && answer.text.contains("nothing found"), "\(target): \(answer)")
            }
        }
    }

    @Test(arguments: peers)
    func labelsInASearchLoseRows(_ peer: CollectorPeer) async throws {
        try await Self.with(peer) { asker async throws in
            // Taken in the opposite order of their ids; the join of two labels with the type believes in ids.
            for second in ["05", "04", "03", "02", "01"] {
                _ = try await Self.send(
                    asker, "service=web&type=other&labels=a%3Db&created_at=2025-11-21T08:00:\(second)")
            }
            let all = Asker.ids(try await asker.ask(.GET, "profiles?service=web&type=other&\(Self.range)").text)
            #expect(all.count == 5)
            _ = try await Self.send(
                asker, "service=web&type=other&labels=c%3Dd&created_at=2025-11-21T07:00:00")
            let answer = try await asker.ask(.GET, "profiles?service=web&type=other&labels=a%3Db&\(Self.range)")
            #expect(Asker.ids(answer.text).count < 5)
        }
    }

    @Test(arguments: peers)
    func aLimitTakesTheNewestAndTellsThemOldestFirst(_ peer: CollectorPeer) async throws {
        try await Self.with(peer) { asker async throws in
            var ids: [String] = []
            for second in ["01", "02", "03", "04"] {
                ids.append(
                    try await Self.send(asker, "service=web&type=other&created_at=2025-11-21T08:00:\(second)"))
            }
            let answer = try await asker.ask(.GET, "profiles?service=web&type=other&limit=2&\(Self.range)")
            #expect(Asker.ids(answer.text) == Array(ids.suffix(2)))
        }
    }

    @Test(arguments: peers)
    func whatIsRefusedIsA400(_ peer: CollectorPeer) async throws {
        try await Self.with(peer) { asker async throws in
            for target in [
                "profiles?type=cpu", "profiles?service=web&type=allocs",
                "profiles?service=web&type=cpu&created_at=2025-11-21T08:00:00Z",
            ] { #expect(try await asker.ask(.POST, target, body: sample).status == 400, "\(target)") }
            #expect(try await asker.ask(.POST, "profiles?service=web&type=cpu", body: [1, 2]).status == 400)
            #expect(try await asker.ask(.GET, "profiles?service=web&from=2025-11-21T08:00:00").status == 400)
        }
    }
}
