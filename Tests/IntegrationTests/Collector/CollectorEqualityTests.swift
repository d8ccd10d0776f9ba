import Foundation
import TestSupport
import Testing

/// The same requests put to profefe itself and to this server in its place are answered the same, but for what a row says.
@Suite(.timeLimit(.minutes(5)), .server(flags: RunningServer.collectorFlags), .serverLog)
struct CollectorEqualityTests {
    /// One request; `$0`, `$1`, … in its target are the ids that the first, second … profile got.
    private struct Row {
        var method = "GET"
        let target: String
        var fixture: ProfileFixture?
        var text: String?
        /// Where it is answered otherwise: the status of ours, and why.
        var other: (status: Int, why: String)?

        var body: [UInt8]? {
            get throws { try fixture?.bytes ?? text.map { Array($0.utf8) } }
        }

        static func send(_ query: String, _ fixture: ProfileFixture) -> Row {
            Row(method: "POST", target: "/api/0/profiles?\(query)", fixture: fixture)
        }
        static func send(_ query: String, text: String) -> Row {
            Row(method: "POST", target: "/api/0/profiles?\(query)", text: text)
        }
        static func get(_ target: String, other: (Int, String)? = nil) -> Row {
            Row(target: "/api/0/\(target)", other: other.map { ($0.0, $0.1) })
        }
        static func find(_ query: String) -> Row { get("profiles?\(query)") }
        static func merge(_ query: String) -> Row { get("profiles/merge?\(query)") }
    }

    private static let range = "from=2000-01-01T00:00:00&to=2100-01-01T00:00:00"

    private static let empty: [Row] = [
        .get("services"), .find("service=a&\(range)"), .get("profiles/dc1b4db8di1926omun9g"),
        .merge("service=a&type=cpu&\(range)"),
    ]

    private static let sent: [Row] = [
        .send("service=a&type=cpu&labels=pod%3Dx,zone%3D1", .cpu),
        .send("service=a&type=heap&labels=,from%3Dkube-profefe,namespace%3Dshop&instance_id=10.0.0.1", .heap),
        .send("service=a&type=trace&created_at=2026-11-22T08:00:05.25&labels=k%3D2,k%3D1,a%3D1%252B1", text: "a trace"),
        .send("service=a&type=trace&created_at=2026-11-22T08:00:06", text: "another trace"),
        .send("service=b%2Fx%20y&type=other&labels=%zz", .goroutine),
        .send("service=a&type=block&labels=a%3D1%2B1,%C3%A9%3D%C3%BC", .mutex),
        .send("service=c&type=%20cpu%09", .cpu),
    ]

    private static let refused: [Row] = [
        .send("type=cpu", .cpu), .send("service=a", .cpu), .send("service=a&type=allocs", .allocs),
        .send("service=a&type=unknown", .cpu), .send("service=a&type=CPU", .cpu),
        .send("service=a&type=cpu&labels=a%3D%25zz", .cpu),
        .send("service=a&type=trace&created_at=2026-11-22T08:00:05Z", text: "x"),
        .send("service=a&type=trace&created_at=2026-11-22", text: "x"),
        .send("service=a&type=trace&created_at=0001-01-01T00:00:00", text: "x"),
    ]

    private static let asked: [Row] = [
        .get("services"), .get("services/", other: (200, "a slash at the end doesn't matter")),
        .find("service=a&\(range)"), .find("service=a&type=unknown&\(range)"), .find("service=a&type=&\(range)"),
        .find("service=a&type=heap&\(range)"), .find("service=a&type=threadcreate&\(range)"),
        .find("service=b%2Fx+y&\(range)"), .find("service=nobody&\(range)"),
        .find("service=a&type=trace&\(range)&limit=1"), .find("service=a&type=trace&\(range)&limit=0"),
        .find("service=a&type=trace&\(range)&limit=-5"), .find("service=a&type=trace&\(range)&limit=x"),
        .find("service=a&type=trace&\(range)&limit=99999999999999999999"),
        .get("profiles?service=a&\(range)&labels=pod%3Dx", other: (200, "badger loses the row")),
        .find("service=a&\(range)&labels=k%3D1,k%3D2"),
        .get("profiles?service=a&\(range)&labels=namespace%3Dshop", other: (200, "badger loses the row")),
        .find("service=a&\(range)&labels=namespace%3Dother"),
        .find("service=a&type=trace&from=2026-11-22T08:00:05.25&to=2026-11-22T08:00:05.25"),
        .find("service=a&type=trace&from=2026-11-22T08:00:05&to=2026-11-22T08:00:05"),
        .find("service=a&type=trace&from=2026-11-22T8:00:05&to=2026-11-22T08:00:05,3"),
        .find("service=a&from=2026-11-22T08:00:05Z&to=2100-01-01T00:00:00"),
        .find("service=a&from=2026-11-22T08:00:05"),
        .find("service=a&to=2026-11-22T08:00:05"), .find(range),
        .find("service=a&from=2100-01-01T00:00:00&to=2000-01-01T00:00:00"),
        .find("service=a&\(range)&labels=%25zz"), .get("profiles/?service=a&\(range)"),
        .get("profiles/$0"), .get("profiles/$2"), .get("profiles/$0/"),
        .get("profiles/aaaaaaaaaaaaaaaaaaaa"),
        .merge("service=a&type=heap&\(range)"), .merge("service=a&type=trace&\(range)"), .merge("service=a&\(range)"),
        .merge("service=a&type=unknown&\(range)"), .merge("type=cpu&\(range)"),
        .merge("service=nobody&type=cpu&\(range)"),
        .get("nonsense"),
    ]

    private static let different: [Row] = [
        Row(method: "DELETE", target: "/api/0/profiles/$0", other: (405, "it deletes nothing")),
        Row(method: "PUT", target: "/api/0/profiles", other: (405, "it does nothing")),
        Row(method: "DELETE", target: "/api/0/services", other: (405, "it does nothing")),
        .get("profiles/dc", other: (404, "the beginning of an id is nobody's")),
        .get("profiles/$0+$1", other: (400, "sample types differ: 500 in profefe")),
        .get("profiles/a++b", other: (400, "500 in profefe")),
        .get("profiles/$0+dc1b4db8di1926omun9g", other: (404, "an unknown id is not passed over")),
    ]

    @Test(.enabled(if: RealCollector.isPresent, "skipped: no profefe in PROFEFE_COLLECTOR_ASSETS"))
    func theSameRequestsAreAnsweredTheSame() async throws {
        try await compare(with: try await RunningServer.shared.collectorURL())
    }

    /// What is sent goes through to a profefe behind the server: still the same, and that profefe has all of it.
    @Test(.enabled(if: RealCollector.isPresent, "skipped: no profefe in PROFEFE_COLLECTOR_ASSETS"))
    func theSameRequestsAreAnsweredTheSameInFrontOfACollector() async throws {
        try await RealCollector.with { behind in
            let flags = RunningServer.collectorFlags + ["--store=collector", "--collector-url=\(behind.url)"]
            try await RunningServer.with(flags: flags) { server in
                let ours = try await server.collectorURL()
                try await compare(with: ours)
                for service in ["a", "b%2Fx%20y", "c"] {
                    let target = "/api/0/profiles?service=\(service)&\(Self.range)"
                    let (there, here) = (
                        try await askCollector(behind.url, target: target), try await askCollector(ours, target: target)
                    )
                    #expect(there.json["body"].array.count > 0)
                    // One second's are in no order there.
                    #expect(Self.rows(here) == Self.rows(there), "\(service)")
                }
            }
        }
    }

    private static func rows(_ answer: Answer) -> [String] {
        answer.json["body"].array.map { text($0.value) }.sorted()
    }

    private func compare(with ours: String) async throws {
        try await RealCollector.with { theirs in
            var ids: [(String, String)] = []
            for row in Self.empty + Self.sent + Self.refused + Self.asked + Self.different {
                let real = try await put(row, to: theirs.url, ids.map(\.0))
                let own = try await put(row, to: ours, ids.map(\.1))
                if let other = row.other {
                    #expect(own.status == other.status, "\(row.method) \(row.target): \(other.why)")
                    #expect(
                        real.status != other.status || real.body != own.body, "\(row.target) is the same in profefe")
                } else {
                    #expect(
                        own.status == real.status, "\(row.method) \(row.target): \(own.text) instead of \(real.text)")
                    #expect(
                        meaning(own, ids.map(\.1)) == meaning(real, ids.map(\.0)), "\(row.method) \(row.target)")
                }
                if row.method == "POST", let id = real.json["body"]["id"].string {
                    ids.append((id, try #require(own.json["body"]["id"].string)))
                }
            }
            #expect(ids.count == Self.sent.count)
        }
    }

    private func put(_ row: Row, to url: String, _ ids: [String]) async throws -> Answer {
        var target = row.target
        for (number, id) in ids.enumerated() { target = target.replacingOccurrences(of: "$\(number)", with: id) }
        return try await askCollector(url, row.method, target: target, body: try row.body)
    }

    /// The answer without what is each server's own: ids, and the time of receipt.
    private func meaning(_ answer: Answer, _ ids: [String]) -> String {
        guard case let json = answer.json, !json.isNull, json["code"].integer != nil else { return sha256(answer.body) }
        var text = Self.text(json.value)
        for (number, id) in ids.enumerated() { text = text.replacingOccurrences(of: id, with: "$\(number)") }
        // Of a profile just sent.
        if let id = json["body"]["id"].string { text = text.replacingOccurrences(of: id, with: "$new") }
        return text
    }

    private static func text(_ value: Any?) -> String {
        guard let value, let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys]) else {
            return "nothing"
        }
        return String(decoding: data, as: UTF8.self)
    }
}
