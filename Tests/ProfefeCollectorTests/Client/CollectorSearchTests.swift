import APIMachinery
import NIOCore
import ProfefeCollector
import TestSupport
import Testing

@Suite struct CollectorSearchTests {
    private static let time: Int64 = 1_763_712_005

    /// The ids that a search gives, each once.
    private static func all(
        _ search: CollectorSearch, _ service: String = "web", _ type: CollectorType = .other,
        from: Timestamp = CollectorQuery.earliest, to: Timestamp = CollectorQuery.latest
    ) async throws -> Set<String> {
        var ids: Set<String> = []
        try await search.forEach(service, type, from: from, to: to) { page in ids.formUnion(page.map(\.id)) }
        return ids
    }

    @Test(arguments: CollectorPeer.present, [2, 3, 7, 1000])
    func trapLimitsThatTakeTheNewestOrTheOldestLoseNothing(_ peer: CollectorPeer, _ limit: Int) async throws {
        try await peer.with { client async throws in
            var random = SeededRandom(seed: 7)
            var sent: Set<String> = []
            for _ in 0..<40 {
                // Several in some seconds.
                let second = Self.time + Int64.random(in: 0..<15, using: &random)
                sent.insert(try await client.send("web", at: second).id)
            }
            #expect(try await Self.all(CollectorSearch(client, pageLimit: limit)) == sent)
        }
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func aRangeIsFoundWholeAndNothingElse(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            let rows = (0..<100).map { collector.add("web", "other", createdAt: Self.time + $0, bytes: sample) }
            try await CollectorPeer.client(collector.url) { client async throws in
                let found = try await Self.all(
                    CollectorSearch(client, pageLimit: 10), from: #require(Timestamp(seconds: Self.time + 20)),
                    to: #require(Timestamp(seconds: Self.time + 49)))
                #expect(found == Set(rows[20...49].map(\.id)))
            }
        }
    }

    @Test(arguments: FakeCollector.Storage.allCases)
    func manyPagesTakeTwoQuestionsEach(_ storage: FakeCollector.Storage) async throws {
        try await FakeCollector.with(storage) { collector in
            for number in 0..<1000 {
                collector.add("web", "other", createdAt: Self.time + Int64(number), bytes: sample)
            }
            try await CollectorPeer.client(collector.url) { client async throws in
                let questions = try await CollectorSearch(client, pageLimit: 100).forEach("web", .other) { _ in }
                #expect(questions <= 25)
            }
        }
    }

    @Test func anAnswerThatIsTooLargeIsAskedForInParts() async throws {
        var limits = CollectorClient.Limits()
        limits.answerBytes = 4096
        try await FakeCollector.with { collector in
            let rows = (0..<200).map { collector.add("web", "other", createdAt: Self.time + $0, bytes: sample) }
            try await CollectorPeer.client(collector.url, limits) { client async throws in
                #expect(try await Self.all(CollectorSearch(client)) == Set(rows.map(\.id)))
            }
        }
    }

    @Test func aSecondThatCannotBeAskedForInPartsIsAnError() async throws {
        try await FakeCollector.with { collector in
            for _ in 0..<50 { collector.add("web", "other", createdAt: Self.time, bytes: sample) }
            try await CollectorPeer.client(collector.url) { client async throws in
                var search = CollectorSearch(client, pageLimit: 2)
                search.secondLimit = 16
                let limited = search
                #expect(await failure { _ = try await Self.all(limited) } == .tooLarge)
            }
        }
    }

    @Test func aCollectorThatAnswersTheSamePageForEverIsFoundOut() async throws {
        let page = (0..<2).map {
            #"{"id":"dc1b4db8di1926omun9g","type":"other","service":"web","created_at":"2025-11-21T08:00:0\#($0)Z"}"#
        }
        try await FakeCollector.with { collector in
            collector.set(.garbage(Array(#"{"code":200,"body":[\#(page.joined(separator: ","))]}"#.utf8)))
            try await CollectorPeer.client(collector.url) { client async throws in
                #expect(await failure { _ = try await Self.all(CollectorSearch(client, pageLimit: 2)) } == .garbage)
            }
        }
    }
}
