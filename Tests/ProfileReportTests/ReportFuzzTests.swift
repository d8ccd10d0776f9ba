import TestSupport
import Testing

/// The fuzzer of this layer, with seeded mutations.
struct ReportFuzzTests {
    @Test(arguments: reportFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
