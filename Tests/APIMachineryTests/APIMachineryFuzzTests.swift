import TestSupport
import Testing

@testable import APIMachinery

/// The fuzzers of this layer, with seeded mutations.
struct APIMachineryFuzzTests {
    @Test(arguments: apiMachineryFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
