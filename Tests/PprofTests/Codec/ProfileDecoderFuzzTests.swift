import TestSupport
import Testing

@testable import Pprof

/// Bytes as a damaged file or an attacker would send them; the only question is whether the process lives.
struct ProfileDecoderFuzzTests {
    @Test(arguments: [Fixture.goroutine, .block, .threadcreate])
    func aProfileCutAnywhereIsRefused(_ fixture: Fixture) throws {
        let packed = try fixture.bytes()
        for end in 0..<packed.count {
            #expect(!fuzzPprof(Array(packed[..<end])), "gzip cut at \(end)")
        }
    }

    @Test(arguments: [Fixture.goroutine, .block, .threadcreate])
    func aMessageCutAnywhereNeverTraps(_ fixture: Fixture) throws {
        let message = try Gzip.inflate(fixture.bytes(), limit: 1 << 20)
        var taken = 0
        for end in 0..<message.count where fuzzPprof(Array(message[..<end])) { taken += 1 }
        // A cut between two fields at the very end, where only the header's scalars are, leaves a valid profile.
        #expect(taken < 32)
    }

    @Test(arguments: Fixture.allCases)
    func mutatedMessagesNeverTrap(_ fixture: Fixture) throws {
        let message = try Gzip.inflate(fixture.bytes(), limit: 1 << 20)
        var random = SeededRandom(seed: UInt64(message.count))
        var refused = 0
        for _ in 0..<200 where !fuzzPprof(random.mutate(message, pieces: varints)) { refused += 1 }
        #expect(refused > 20)
    }

    @Test(arguments: Fixture.allCases)
    func mutatedGzipIsRefused(_ fixture: Fixture) throws {
        let packed = try fixture.bytes()
        var random = SeededRandom(seed: UInt64(packed.count))
        for _ in 0..<100 {
            let mutated = random.mutate(packed, pieces: varints)
            if mutated != packed, Gzip.isGzip(mutated) { _ = fuzzPprof(mutated) }
        }
        var flipped = packed
        flipped[packed.count / 2] ^= 0x10
        #expect(!fuzzPprof(flipped))
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededRandom(seed: 2026)
        for _ in 0..<3000 {
            let size = Int.random(in: 0..<200, using: &random)
            fuzzPprof((0..<size).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }
}

/// The operations of the engine, fed with damaged profiles.
struct OperationsFuzzTests {
    @Test(arguments: pprofFuzzers.filter { $0.name != "pprof" })
    func whatIsTakenStaysValid(_ fuzzer: Fuzzer) {
        #expect(fuzzer.counterexample() == nil)
    }
}
