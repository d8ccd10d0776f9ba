import ProfileStore
import TestSupport
import Testing

@Suite struct EmbeddedStoreConformanceTests {
    @Test(arguments: ObjectStoreConformance.cases)
    func keepsTheContractOfStores(_ requirement: ObjectStoreConformance.Case) async throws {
        try await requirement.run { try StoreUnderTest.embedded() }
    }

    /// Every payload that isn't empty lies in a file.
    @Test(arguments: ObjectStoreConformance.cases.filter { !$0.description.contains("(seed ") })
    func keepsItWithPayloadsInFiles(_ requirement: ObjectStoreConformance.Case) async throws {
        try await requirement.run { try StoreUnderTest.embedded { $0.payloadFileBytes = 0 } }
    }

    /// Watches fall out of the memory of events all the time, and come back by the file.
    @Test(arguments: ObjectStoreConformance.stories)
    func w12KeepsItWithHardlyAnyMemoryOfEvents(_ requirement: ObjectStoreConformance.Case) async throws {
        try await requirement.run {
            try StoreUnderTest.embedded {
                $0.eventCount = 5
                $0.cacheBytes = 4096
            }
        }
    }
}
