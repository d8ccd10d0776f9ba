/// A hash for tables of our own: 64 by 64 bit multiplications, folded (as wyhash has it), from a random seed.
///
/// The seed is drawn once a table, so names chosen from outside can't make it slow.
package struct SeededHash: Sendable {
    private var state: UInt64

    private static let odd: UInt64 = 0xa076_1d64_78bd_642f

    package init(seed: UInt64) { state = seed }

    @inline(__always)
    package mutating func combine(_ value: UInt64) {
        let product = (state ^ value).multipliedFullWidth(by: Self.odd)
        state = product.high ^ product.low
    }

    @inline(__always)
    package mutating func combine(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return combine(0) }
        let raw = UnsafeRawPointer(base)
        var offset = 0
        while offset &+ 8 <= bytes.count {
            combine(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        // The rest as one number that also says how long all is.
        var rest = UInt64(truncatingIfNeeded: bytes.count) &<< 56
        var shift: UInt64 = 0
        while offset < bytes.count {
            rest ^= UInt64(base[offset]) &<< shift
            shift &+= 8
            offset &+= 1
        }
        combine(rest)
    }

    /// The high half is the better one.
    @inline(__always)
    package var value: UInt32 {
        let product = state.multipliedFullWidth(by: Self.odd)
        return UInt32(truncatingIfNeeded: (product.high ^ product.low) &>> 32)
    }
}
