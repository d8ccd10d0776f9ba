import TestSupport
import Testing

@testable import HTTPTransport

/// The fuzzers of this layer, with seeded mutations.
struct HTTPTransportFuzzTests {
    @Test(arguments: httpTransportFuzzers + httpClientFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
