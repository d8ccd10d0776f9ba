import TestSupport
import Testing

@testable import KubeClient

/// The fuzzers of this layer, with seeded mutations.
struct KubeClientFuzzTests {
    @Test(arguments: kubeClientFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
