import Testing

@testable import Pprof

struct GzipTests {
    private static let content = Array("profile profile profile, and a tail".utf8)

    @Test(arguments: [-3, 0, 1, 6, 9, 12, 99], [0, 1, 70_000])
    func inflatesWhatItCompressed(level: Int, size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        #expect(try Gzip.inflate(Gzip.compress(bytes, level: level), limit: size) == bytes)
    }

    @Test func theSameInputGivesTheSameOutput() throws {
        #expect(try Gzip.compress(Self.content) == Gzip.compress(Self.content))
    }

    @Test func joinsMembers() throws {
        let packed = try Gzip.compress(Self.content) + Gzip.compress([]) + Gzip.compress(Self.content + [1])
        #expect(try Gzip.inflate(packed, limit: 1 << 20) == Self.content + Self.content + [1])
    }

    @Test func skipsHeaderOptions() throws {
        let plain = try Gzip.compress(Self.content)
        // FEXTRA of 3 bytes, FNAME "a", FCOMMENT "b".
        let options: [UInt8] = [3, 0, 9, 9, 9, 97, 0, 98, 0]
        let packed = plain[0..<3] + [0x1c] + plain[4..<10] + options + plain[10...]
        #expect(try Gzip.inflate(Array(packed), limit: 1000) == Self.content)
    }

    private static func changed(_ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        var bytes = try Gzip.compress(content)
        change(&bytes)
        return bytes
    }

    private static let broken: [(name: String, change: @Sendable (inout [UInt8]) -> Void)] = [
        ("only the magic", { $0 = [0x1f, 0x8b] }),
        ("method 7", { $0[2] = 7 }),
        ("reserved flags", { $0[3] = 0x80 }),
        ("a wrong header checksum", { $0[3] = 0x02 }),
        (
            "a name without end",
            {
                $0[3] = 0x08; $0 = $0.map { $0 == 0 ? 1 : $0 }
            }
        ),
        (
            "extra bytes past the end",
            {
                $0[3] = 0x04; $0[10] = 0xff; $0[11] = 0xff
            }
        ),
        ("a reserved block type", { $0[10] |= 0x06 }),
        ("a wrong CRC", { $0[$0.count - 8] ^= 1 }),
        ("a length that is one too small", { $0[$0.count - 4] -= 1 }),
        ("a length that is one too large", { $0[$0.count - 4] += 1 }),
        ("no trailer", { $0.removeLast(8) }),
        ("a byte missing", { $0.removeLast() }),
        ("a byte after the end", { $0.append(0) }),
        ("text after the end", { $0 += Array("and then some more text".utf8) }),
        ("half a second member", { $0 += $0.prefix(12) }),
    ]

    @Test(arguments: broken.indices)
    func refusesBrokenGzip(_ index: Int) throws {
        let (name, change) = Self.broken[index]
        let bytes = try Self.changed(change)
        let error = try #require(throws: PprofError.self, "\(name)") { try Gzip.inflate(bytes, limit: 1 << 20) }
        #expect(error.code == .badGzip, "\(name): \(error)")
        #expect(error.offset ?? -1 <= bytes.count)
    }

    @Test(arguments: [0, 0x7f, 0xff])
    func aLieAboutTheLengthIsBadGzipAndNotTooLarge(highByte: UInt8) throws {
        let bytes = try Self.changed { $0[$0.count - 1] = highByte ^ 1 }
        let error = try #require(throws: PprofError.self) { try Gzip.inflate(bytes, limit: 1 << 20) }
        #expect(error.code == .badGzip)
        #expect(error.offset == bytes.count - 4)
    }

    @Test(arguments: [0, 1, 1 << 10, 1 << 20])
    func aBombIsCappedWhateverItClaims(claim: Int) throws {
        var bomb = try Gzip.compress([UInt8](repeating: 0, count: 32 << 20), level: 9)
        for index in 0..<4 { bomb[bomb.count - 4 + index] = UInt8(truncatingIfNeeded: claim >> (8 * index)) }
        #expect(throws: PprofError(.unpackedTooLarge, "")) { try Gzip.inflate(bomb, limit: 1 << 20) }
    }

    @Test func aBombOfManyMembersIsCapped() throws {
        let member = try Gzip.compress([UInt8](repeating: 0, count: 1 << 18))
        let bomb = [[UInt8]](repeating: member, count: 64).flatMap { $0 }
        #expect(throws: PprofError(.unpackedTooLarge, "")) { try Gzip.inflate(bomb, limit: 1 << 20) }
        let empty = [[UInt8]](repeating: try Gzip.compress([]), count: 20_000).flatMap { $0 }
        #expect(throws: PprofError(.badGzip, "")) { try Gzip.inflate(empty, limit: 1 << 20) }
    }

    @Test func aSmallLieAboutTheLengthIsNoMoreThanSlow() throws {
        // The last member is empty, so the hint is 0 and the output has to grow.
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        let packed = try Gzip.compress(bytes) + Gzip.compress([])
        #expect(try Gzip.inflate(packed, limit: 1 << 20) == bytes)
    }

    @Test func anExactLimitSuffices() throws {
        let packed = try Gzip.compress(Self.content)
        #expect(try Gzip.inflate(packed, limit: Self.content.count) == Self.content)
        #expect(throws: PprofError(.unpackedTooLarge, "")) { try Gzip.inflate(packed, limit: Self.content.count - 1) }
    }
}
