import APIMachinery
import HTTPTransport
import NIOHTTP1
import ProfefeCollector
import TestSupport
import Testing

@testable import ProfilesAPI

/// Searches over random profiles find what brute force finds among the objects of the native API, in the same order.
struct CollectorSearchTests {
    /// What the native API says of a profile.
    private struct Known {
        let id: String
        let service: String
        let type: String
        let time: Timestamp
        var labels: Set<String>

        init(_ object: JSONValue) throws {
            let spec = try #require(object["spec"])
            id = try #require(spec["id"]?.stringValue)
            service = try #require(spec["service"]?.stringValue)
            let native = try #require(spec["type"]?.stringValue)
            type = native == "allocs" ? "other" : native
            time = try #require(spec["createdAt"]?.stringValue.flatMap { Timestamp(rfc3339: $0) })
            labels = []
            for label in spec["labels"]?.arrayValue ?? [] {
                labels.insert("\(label["key"]?.stringValue ?? "")=\(label["value"]?.stringValue ?? "")")
            }
            if native == "allocs" { labels.insert("profile=allocs") }
            if object.at("spec/source/kind")?.stringValue != "Agent" {
                labels.insert("namespace=\(object.at("metadata/namespace")?.stringValue ?? "")")
            }
        }
    }

    private static func pick(_ texts: [String], _ random: inout SeededRandom) -> String {
        texts.randomElement(using: &random) ?? ""
    }

    private static func time(_ random: inout SeededRandom) -> String {
        let second = Int.random(in: 0..<5, using: &random)
        return "2026-11-22T08:00:0\(second)" + pick(["", ".5", ".000000001", ".999999999", ".25"], &random)
    }

    private func fill(_ api: TestAPI, _ random: inout SeededRandom) async throws {
        for number in 0..<150 {
            let service = Self.pick(["a", "a", "b"], &random)
            var labels = ["pod%3Dweb-\(Int.random(in: 0..<3, using: &random))"]
            let namespace = Self.pick(["", "shop", "bank"], &random)
            if !namespace.isEmpty { labels.append("namespace%3D\(namespace)") }
            let query = "service=\(service)&labels=\(labels.joined(separator: ","))"
            let answer: Answer =
                switch number % 15 {
                // Of one time, the profile's own.
                case 0, 1:
                    try await api.collector(
                        .POST, "/api/0/profiles?type=heap&\(query)", body: ProfileFixture.heap.bytes)
                case 2:
                    try await api.send(
                        .POST, "\(TestAPI.shop)/profileservices/\(service)/profiles?type=allocs",
                        body: ProfileFixture.allocs.bytes)
                case 3:
                    try await api.collector(
                        .POST, "/api/0/profiles?type=other&\(query)", body: ProfileFixture.goroutine.bytes)
                default:
                    try await api.collector(
                        .POST, "/api/0/profiles?type=trace&created_at=\(Self.time(&random))&\(query)", body: [1])
                }
            #expect(answer.status < 300, "\(answer.text)")
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func whatIsFoundIsWhatBruteForceFinds(seed: UInt64) async throws {
        try await TestAPI.with { api in
            var random = SeededRandom(seed: seed)
            try await fill(api, &random)
            let list = try await api.send(.GET, "/apis/profefe.io/v1/profiles")
            let all = try #require(list.json["items"]?.arrayValue).map { try Known($0) }
            #expect(all.count == 150)
            var seen = 0
            for _ in 0..<150 { seen += try await compare(api, all, &random) }
            #expect(seen > 500)
        }
    }

    /// - Returns: how many were found.
    private func compare(_ api: TestAPI, _ all: [Known], _ random: inout SeededRandom) async throws -> Int {
        let service = Self.pick(["a", "b"], &random)
        let type = Self.pick(["", "trace", "trace", "heap", "other", "cpu"], &random)
        let labels = Self.pick(
            ["", "", "", "pod=web-1", "namespace=shop", "namespace=bank,pod=web-2", "profile=allocs"], &random)
        let limit = Int(Self.pick(["0", "1", "2", "7", "40", "1000"], &random)) ?? 0
        var range = ["2000-01-01T00:00:00", "2100-01-01T00:00:00"]
        if Bool.random(using: &random) { range = [Self.time(&random), Self.time(&random)].sorted() }
        let times = try range.map { try #require(Timestamp(rfc3339: "\($0)Z")) }
        guard times[0] <= times[1] else { return 0 }
        let wanted = Set(labels.split(separator: ",").map(String.init))
        let matching = all.filter { known in
            known.service == service && (type.isEmpty || known.type == type) && known.labels.isSuperset(of: wanted)
                && (times[0]...times[1]).contains(known.time)
        }.sorted { $0.time == $1.time ? $0.id < $1.id : $0.time < $1.time }
        let query =
            "service=\(service)&type=\(type)&labels=\(URLEscaping.escape(labels))&limit=\(limit)"
            + "&from=\(range[0])&to=\(range[1])"
        let answer = try await api.collector(.GET, "/api/0/profiles?\(query)")
        let found = answer.status == 404 ? [] : try CollectorEnvelope(answer.body).profiles()
        #expect(found.map(\.id) == (limit > 0 ? matching.suffix(limit) : matching[...]).map(\.id), "\(query)")
        let types = Dictionary(all.map { ($0.id, $0.type) }) { first, _ in first }
        #expect(found.allSatisfy { types[$0.id] == $0.typeName && $0.service == service })
        return found.count
    }

    @Test func moreThanMayMatchIs413UnlessFewerAreAskedFor() async throws {
        var options = TestAPI.Options()
        options.analyses.mostMatches = 4
        try await TestAPI.with(options) { api in
            for second in 0..<5 {
                let target = CollectorSamples.trace(at: "2026-11-22T08:00:0\(second)", "&labels=pod%3D\(second % 2)")
                #expect(try await api.collector(.POST, target, body: [1]).status == 200)
            }
            let refused = try await api.collector(.GET, CollectorSamples.search())
            #expect(refused.status == 413)
            #expect(refused.json["error"]?.stringValue?.contains("more than 4 profiles match") == true)
            for query in ["&limit=4", "&labels=pod%3D0", "&limit=1&labels=pod%3D1"] {
                #expect(try await api.collector(.GET, CollectorSamples.search(query)).status == 200)
            }
        }
    }
}
