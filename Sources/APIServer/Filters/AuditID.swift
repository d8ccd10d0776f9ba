internal import NIOConcurrencyHelpers
internal import NIOHTTP1

/// Gives every request the name by which logs, audit and the client know it (conformance 11.3).
///
/// A client's `Audit-Id` is taken if it has 1 to 64 printable ASCII characters, else a new UUID (version 4) is made. An id
/// need be unique, not secret: a generator seeded by the system once, so that no request pays for a system call.
struct AuditIDs: Sendable {
    static let headerName = "audit-id"
    private static let longest = 64

    private struct Generator {
        var a, b, c, d: UInt64

        init(seed: inout some RandomNumberGenerator) {
            (a, b, c, d) = (seed.next(), seed.next(), seed.next(), seed.next() | 1)
        }

        /// xoshiro256**, Blackman and Vigna 2018.
        mutating func next() -> UInt64 {
            let product = b &* 5
            let result = (product << 7 | product >> 57) &* 9
            let shifted = b << 17
            c ^= a
            d ^= b
            b ^= c
            a ^= d
            c ^= shifted
            d = d << 45 | d >> 19
            return result
        }
    }
    private let generator: NIOLockedValueBox<Generator>

    init(seed: consuming some RandomNumberGenerator = SystemRandomNumberGenerator()) {
        generator = NIOLockedValueBox(Generator(seed: &seed))
    }

    /// The id of a request whose client gave the id `sent`, or none.
    func id(_ sent: String?) -> String {
        if let sent { return sent }
        let (high, low) = generator.withLockedValue { ($0.next(), $0.next()) }
        return Self.uuid(high, low)
    }

    /// The id that the client gave; nil if it gave none that can be taken.
    static func sent(in headers: HTTPHeaders) -> String? {
        guard let id = headers.first(name: headerName), (1...longest).contains(id.utf8.count),
            id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return id
    }

    /// RFC 9562 §5.4: 122 random bits, version 4, variant 10.
    private static func uuid(_ high: UInt64, _ low: UInt64) -> String {
        let high = high & ~0xF000 | 0x4000
        let low = low & ~(0xC << 60) | 0x8 << 60
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var at = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    buffer[at] = UInt8(ascii: "-")
                    at += 1
                }
                let half = digit < 16 ? high : low
                let nibble = UInt8(truncatingIfNeeded: half >> UInt64(60 - (digit & 15) * 4) & 15)
                buffer[at] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                at += 1
            }
            return at
        }
    }
}
