import APIMachinery
import TestSupport
import Testing

@testable import ProfileStore

/// What the contract of stores doesn't say of timelines: how they come into a file, and that no more is read than is answered.
@Suite struct TimelineTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("store") }

    private static func sample(_ number: Int) -> SampleObject {
        SampleObject("a", "p\(1000 + number)").with { object in
            object.moment = "2026-11-22T08:00:\(number < 10 ? "0" : "")\(number).5Z"
            object.fields = ["spec.service": "front", "spec.type": number % 2 == 0 ? "cpu" : "heap"]
        }
    }

    private func open() throws -> EmbeddedStore {
        try EmbeddedStore(configuration: .still(directory.path), logger: .silent)
    }

    private func names(_ store: EmbeddedStore, _ type: String? = nil) async throws -> [String] {
        let query = TimelineQuery(resource: "profiles", namespace: "a", service: "front", type: type)
        return try await store.page(query).items.map(\.place.name)
    }

    /// The file as a release before timelines has left it; `done` objects of it are entered.
    private func makeOld(through done: Int64?) throws {
        let connection = try SQLiteConnection(path: directory.path + "/profefe.db", writable: true)
        if let done {
            try connection.execute(
                "DELETE FROM timeline WHERE object > \(done); UPDATE meta SET value = \(done) WHERE key = 'timed'")
        } else {
            try connection.execute(
                """
                DROP TABLE timeline; DELETE FROM meta WHERE key = 'timed';
                PRAGMA user_version = 3
                """)
        }
        connection.close()
    }

    @Test(arguments: [nil, 0, 7, 30] as [Int64?])
    func objectsOfAReleaseBeforeAreEnteredAtTheNextOpening(done: Int64?) async throws {
        var store = try open()
        for number in 0..<30 { _ = try await store.create(Self.sample(number).draft) }
        _ = try await store.create(SampleObject("a", "timeless").draft)
        await store.close()
        try makeOld(through: done)
        store = try open()
        let all = (0..<30).reversed().map { "p\(1000 + $0)" }
        #expect(try await names(store) == all)
        #expect(try await names(store, "heap") == (0..<30).filter { $0 % 2 == 1 }.reversed().map { "p\(1000 + $0)" })
        _ = try await store.delete("profiles", ObjectKey(namespace: "a", name: all[0]))
        #expect(try await names(store) == Array(all.dropFirst()))
        await store.close()
        store = try open()
        #expect(try await names(store) == Array(all.dropFirst()))
        await store.close()
    }

    @Test func aCopyOfAnotherSourceHasNoneOfTheFormer() async throws {
        var configuration = EmbeddedStoreConfiguration.still(directory.path)
        for (number, source) in ["one", "two"].enumerated() {
            configuration.mirror = MirroredSource(name: source, parts: [source], resource: "profiles")
            let store = try EmbeddedStore(configuration: configuration, logger: .silent)
            #expect(try await names(store).isEmpty)
            _ = try await store.create(Self.sample(number).draft)
            #expect(try await names(store).count == 1)
            await store.close()
        }
    }

    @Test(arguments: [nil, "cpu"])
    func aPageIsReadAlongTheIndex(type: String?) throws {
        let connection = try SQLiteConnection(path: directory.path + "/plan.db", writable: true)
        try StoreSchema.migrate(connection)
        let explained = try connection.prepare("EXPLAIN QUERY PLAN " + TimelineWalk.sql(ofType: type != nil))
        var steps: [String] = []
        while try explained.step() { steps.append(explained.text(3)) }
        // A walk along the index of moments, and a look at each object's row; sorting would be a step of its own, after reading all.
        #expect(steps.count == 2, "\(steps)")
        #expect(steps.allSatisfy { $0.hasPrefix("SEARCH") }, "\(steps)")
        #expect(steps.first?.contains("seconds>?") == true && steps.first?.contains("<(?,?,?)") == true, "\(steps)")
    }
}
