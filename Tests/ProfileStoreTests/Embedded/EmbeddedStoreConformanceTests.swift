import ProfileStore
import TestSupport
import Testing

@Suite struct EmbeddedStoreConformanceTests {
    @Test(arguments: ObjectStoreConformance.cases)
    func keepsTheContractOfStores(_ requirement: ObjectStoreConformance.Case) async throws {
        try await requirement.run { try StoreUnderTest.embedded() }
    }
}
