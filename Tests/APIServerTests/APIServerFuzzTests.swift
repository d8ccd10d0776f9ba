import TestSupport
import Testing

@testable import APIServer

/// The fuzzers of this layer, with seeded mutations.
struct APIServerFuzzTests {
    @Test(arguments: apiServerFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
