import TestSupport
import Testing

/// The fuzzers of this layer, with seeded mutations.
struct CollectorFuzzTests {
    @Test(arguments: collectorFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
