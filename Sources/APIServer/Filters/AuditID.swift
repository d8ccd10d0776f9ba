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
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            let second = digits(high)
            let third = digits(low >> 32)
            bytes.storeBytes(of: digits(high >> 32).bigEndian, as: UInt64.self)
            bytes.storeBytes(of: UInt32(truncatingIfNeeded: second >> 32).bigEndian, toByteOffset: 9, as: UInt32.self)
            bytes.storeBytes(of: UInt32(truncatingIfNeeded: second).bigEndian, toByteOffset: 14, as: UInt32.self)
            bytes.storeBytes(of: UInt32(truncatingIfNeeded: third >> 32).bigEndian, toByteOffset: 19, as: UInt32.self)
            bytes.storeBytes(of: UInt32(truncatingIfNeeded: third).bigEndian, toByteOffset: 24, as: UInt32.self)
            bytes.storeBytes(of: digits(low).bigEndian, toByteOffset: 28, as: UInt64.self)
            for place in [8, 13, 18, 23] { bytes[place] = UInt8(ascii: "-") }
            return 36
        }
    }

    /// The lower 32 bits as eight hexadecimal digits, the first in the highest byte.
    private static func digits(_ number: UInt64) -> UInt64 {
        var nibbles = number & 0xFFFF_FFFF
        nibbles = (nibbles << 16 | nibbles) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles << 8 | nibbles) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles << 4 | nibbles) & 0x0F0F_0F0F_0F0F_0F0F
        // One in each byte whose digit is a letter; no byte overflows into the next.
        let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}
