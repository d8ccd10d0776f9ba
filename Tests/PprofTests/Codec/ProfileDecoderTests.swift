import Testing

@testable import Pprof

struct ProfileDecoderTests {
    @Test(arguments: Refusal.all)
    func refusesWithCodeAndField(_ refusal: Refusal) throws {
        for bytes in [refusal.bytes, try Gzip.compress(refusal.bytes)] where !refusal.bytes.isEmpty || bytes.isEmpty {
            let error = try #require(throws: PprofError.self) {
                try ProfileDecoder(limits: refusal.limits).decode(bytes)
            }
            if bytes.count != refusal.bytes.count, refusal.code == .packedTooLarge { continue }
            #expect(error == PprofError(refusal.code, ""), "\(error.code): \(error)")
            #expect(error.field == refusal.field)
            #expect(!error.message.isEmpty)
            if let offset = error.offset { #expect(offset >= 0 && offset <= refusal.bytes.count) }
        }
    }

    @Test(arguments: Refusal.all)
    func factsRefuseWhatDecodingRefuses(_ refusal: Refusal) {
        #expect(throws: PprofError(refusal.code, "")) {
            try ProfileDecoder(limits: refusal.limits).facts(of: refusal.bytes)
        }
    }

    @Test func theOffsetIsThatOfTheFaultyByte() throws {
        // 1: sample_type (6 bytes), then a sample of 9 bytes whose only location id is at 6 + 4.
        let bytes = SmallProfile.with { $0.samples = [.message(2, [.packed(1, [9]), .packed(2, [5]), .raw([])])] }
        let error = try #require(throws: PprofError.self) { try ProfileDecoder().decode(bytes) }
        #expect(error.offset == 10)
        #expect(bytes[10] == 9)
        #expect(error.message.contains("id 9"))
    }

    @Test func textOfBodiesIsQuoted() throws {
        let error = try #require(throws: PprofError.self) { try ProfileDecoder().decode(Array("<html>\nno".utf8)) }
        #expect(error.message == "this looks like HTML or XML, not a profile; it begins with \"<html> no\"")
    }

    @Test func refusesGoTextProfile() throws {
        let bytes = try fixtureBytes("goroutine-debug1.txt")
        #expect(throws: PprofError(.legacyFormat, "")) { try ProfileDecoder().decode(bytes) }
    }

    /// Shapes that other producers write and that must be taken.
    static let accepted: [(String, [UInt8])] = [
        ("as is", SmallProfile().bytes),
        ("no samples", SmallProfile.with { $0.samples = [] }),
        (
            "no locations",
            SmallProfile.with {
                $0.samples = [.message(2, [.int(2, 1)])]; $0.locations = []
            }
        ),
        (
            "parts in reverse",
            {
                let profile = SmallProfile()
                return Wire.bytes(
                    profile.strings + profile.functions + profile.locations + profile.mappings + profile.samples
                        + profile.sampleTypes)
            }()
        ),
        ("unpacked ids", SmallProfile.with { $0.samples = [.message(2, [.int(1, 1), .int(1, 1), .int(2, 1)])] }),
        (
            "packed in two runs",
            SmallProfile.with {
                $0.samples = [.message(2, [.packed(1, [1]), .packed(1, [1]), .packed(2, []), .int(2, 1)])]
            }
        ),
        (
            "unknown fields of each wire type",
            SmallProfile.with {
                let unknown: [Wire] = [
                    .int(99, 1), .text(98, "x"), .raw([0xa1, 6, 1, 2, 3, 4, 5, 6, 7, 8]), .raw([0xa5, 6, 1, 2, 3, 4]),
                ]
                $0.rest = unknown
                $0.samples = [.message(2, [.int(2, 1)] + unknown)]
                $0.locations = [.message(4, [.int(1, 1), .message(4, [.int(1, 1)] + unknown)] + unknown)]
                $0.functions = [.message(5, [.int(1, 1)] + unknown)]
            }
        ),
        ("long varints", SmallProfile.with { $0.rest = [.raw([0x60, 0x81, 0x80, 0x80, 0])] }),
        (
            "a negative value of ten bytes",
            SmallProfile.with { $0.samples = [.message(2, [.int(2, UInt64(bitPattern: -5))])] }
        ),
        (
            "a label with unit and number 0",
            SmallProfile.with { $0.samples = [.message(2, [.int(2, 1), .message(3, [.int(1, 5), .int(4, 2)])])] }
        ),
        ("a mapping id of 0", SmallProfile.with { $0.locations = [.message(4, [.int(1, 1), .int(2, 0)])] }),
        ("a second time after 0", SmallProfile.with { $0.rest = [.int(9, 0), .int(9, 8)] }),
        ("text that isn't UTF-8", SmallProfile.with { $0.strings.append(.raw([0x32, 2, 0xff, 0xfe])) }),
    ]

    @Test(arguments: accepted.indices)
    func accepts(_ index: Int) throws {
        let (name, bytes) = Self.accepted[index]
        let plain = try ProfileDecoder().decode(bytes)
        let packed = try ProfileDecoder().decode(Gzip.compress(bytes))
        #expect(plain.facts.sampleCount == packed.facts.sampleCount, "\(name)")
        #expect(!plain.facts.isGzipped && packed.facts.isGzipped)
        #expect(packed.facts.unpackedBytes == bytes.count)
    }

    @Test func theLastOfARepeatedScalarWins() throws {
        let facts = try ProfileDecoder().facts(
            of: SmallProfile.with {
                $0.rest = [.int(12, 3), .int(12, 4), .message(11, [.int(1, 1)]), .message(11, [.int(2, 2)])]
            })
        #expect(facts.period == 4)
        #expect(facts.periodType == ValueType(type: "cpu", unit: "nanoseconds"))
    }

    @Test(arguments: [[1, 2, 3], [3, 1, 2], [7, 900, 30], [UInt64.max, 5, 1 << 40]])
    func idsResolveToRowsWhateverTheyAre(_ ids: [UInt64]) throws {
        let bytes = SmallProfile.with { profile in
            profile.locations = ids.map { .message(4, [.int(1, $0), .int(3, $0 / 2)]) }
            profile.samples = [.message(2, [.packed(1, ids.reversed()), .int(2, 1)])]
        }
        let decoded = try ProfileDecoder().decode(bytes)
        #expect(decoded.samples.stack(of: 0).map { decoded.locations.ids[Int($0.rawValue)] } == ids.reversed())
        #expect(
            decoded.samples.stack(of: 0).map { decoded.locations.addresses[Int($0.rawValue)] }
                == ids.reversed().map { $0 / 2 })
    }
}
