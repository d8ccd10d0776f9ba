import TestSupport
import Testing

@testable import ProfilesAPI

/// The fuzzers of this layer, with seeded mutations.
struct ProfilesAPIFuzzTests {
    @Test(arguments: profilesAPIFuzzers)
    func whateverIsFedNothingTrapsAndWhatMustHoldHolds(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
