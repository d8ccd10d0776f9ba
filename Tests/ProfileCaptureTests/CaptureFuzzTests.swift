import TestSupport
import Testing

@testable import ProfileCapture

/// The fuzzers of this layer, with seeded mutations.
struct CaptureFuzzTests {
    @Test(arguments: captureFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
