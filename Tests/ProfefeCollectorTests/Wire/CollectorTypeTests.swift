import ProfefeCollector
import Testing

struct CollectorTypeTests {
    @Test(arguments: CollectorType.allCases)
    func aNameLeadsBackToItsType(type: CollectorType) {
        #expect(CollectorType(name: type.name) == type)
    }

    @Test(arguments: ["", "  ", "allocs", "unknown", "CPU", "cpu heap"])
    func otherNamesHaveNoType(name: String) {
        #expect(CollectorType(name: name) == nil)
    }

    @Test func blanksAroundANameDoNotMatter() {
        #expect(CollectorType(name: "\tcpu \n") == .cpu)
    }

    @Test func numbersAreThoseOfProfefe() {
        #expect(CollectorType.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6, 127, 128])
    }
}
