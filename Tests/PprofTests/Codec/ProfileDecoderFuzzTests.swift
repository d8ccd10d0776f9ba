import Testing

@testable import Pprof

/// Bytes as a damaged file or an attacker would send them; the only question is whether the process lives.
struct ProfileDecoderFuzzTests {
    /// SplitMix64: the same seed gives the same run everywhere.
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

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
        var random = Random(state: UInt64(message.count))
        var refused = 0
        for _ in 0..<200 where !fuzzPprof(mutate(message, &random)) { refused += 1 }
        #expect(refused > 20)
    }

    @Test(arguments: Fixture.allCases)
    func mutatedGzipIsRefused(_ fixture: Fixture) throws {
        let packed = try fixture.bytes()
        var random = Random(state: UInt64(packed.count))
        for _ in 0..<100 {
            let mutated = mutate(packed, &random)
            if mutated != packed, Gzip.isGzip(mutated) { _ = fuzzPprof(mutated) }
        }
        var flipped = packed
        flipped[packed.count / 2] ^= 0x10
        #expect(!fuzzPprof(flipped))
    }

    @Test func randomBytesNeverTrap() {
        var random = Random(state: 2026)
        for _ in 0..<3000 {
            let size = Int.random(in: 0..<200, using: &random)
            fuzzPprof((0..<size).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    private func mutate(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...64, using: &random)))
            case 3:
                let other = Int.random(in: bytes.indices, using: &random)
                bytes.insert(contentsOf: bytes[other..<min(bytes.count, other + 40)], at: place)
            case 4: bytes.insert(contentsOf: [UInt8](repeating: 0xff, count: 9) + [1], at: place)
            default: bytes.insert(contentsOf: [0x80, 0x80, 0x80, 0x80, 0x10], at: place)
            }
        }
        return bytes
    }
}
