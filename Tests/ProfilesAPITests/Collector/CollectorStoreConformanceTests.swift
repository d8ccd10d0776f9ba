import APIMachinery
import Logging
import NIOConcurrencyHelpers
import NIOPosix
import Pprof
import ProfefeCollector
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// What is not of a collector the store does as any other. What is, it can't delete for good: that is the API's to refuse.
@Suite struct CollectorStoreConformanceTests {
    /// All but the later ones of the random lives, which the store under it is told already.
    private static let cases = ObjectStoreConformance.cases.filter { requirement in
        !ObjectStoreConformance.stories.dropFirst().contains { $0.description == requirement.description }
    }

    @Test(arguments: cases)
    func keepsTheContractOfStores(_ requirement: ObjectStoreConformance.Case) async throws {
        try await FakeCollector.with { collector in
            let address = try #require(CollectorAddress(url: collector.url))
            try await requirement.run { try await Self.subject(address) }
        }
    }

    private static func subject(_ address: CollectorAddress) async throws -> StoreUnderTest {
        let directory = try TemporaryDirectory("collector-store")
        let time = NIOLockedValueBox<Int64>(1_000_000)
        var changed = EmbeddedStoreConfiguration(directory: directory.path) { time.withLockedValue { $0 } }
        changed.upkeepInterval = .seconds(86_400)
        changed.mirror = MirroredSource(name: "\(address)", parts: ["\(address)"], resource: "profiles")
        let configuration = changed
        let client = CollectorClient(address, group: MultiThreadedEventLoopGroup.singleton)
        @Sendable func open() async throws -> (EmbeddedStore, CollectorStore) {
            let base = try EmbeddedStore(configuration: configuration, logger: .silent)
            let parts = CollectorParts(
                CollectorConfiguration(client), store: base, limits: .default, clock: ContinuousClock(),
                now: { .now() }, logger: .silent)
            // Polled once: else what is missing is not known to be.
            _ = await parts.mirror.poll()
            return (base, parts.store)
        }
        let (base, store) = try await open()
        let current = NIOLockedValueBox(base)
        return StoreUnderTest(
            store: store,
            reopen: {
                await current.withLockedValue { $0 }.close()
                let (base, store) = try await open()
                current.withLockedValue { $0 = base }
                return store
            },
            forgetHistory: {
                time.withLockedValue { $0 += configuration.historySeconds + 1 }
                await current.withLockedValue { $0 }.runUpkeep()
            },
            tearDown: {
                await current.withLockedValue { $0 }.close()
                await client.shutdown()
                withExtendedLifetime(directory) {}
            })
    }
}
