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
        combine(UInt64(truncatingIfNeeded: bytes.count))
        guard let base = bytes.baseAddress else { return }
        let raw = UnsafeRawPointer(base)
        var offset = 0
        while offset &+ 8 <= bytes.count {
            combine(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        let rest = bytes.count &- offset
        if rest >= 4 {
            // First and last four: together all there are.
            let last = raw.loadUnaligned(fromByteOffset: bytes.count &- 4, as: UInt32.self)
            combine(UInt64(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) | UInt64(last) &<< 32)
        } else if rest > 0 {
            // First, middle and last: together all there are.
            combine(
                UInt64(base[offset]) | UInt64(base[offset &+ rest &>> 1]) &<< 8
                    | UInt64(base[bytes.count &- 1]) &<< 16)
        }
    }

    /// The high half is the better one.
    @inline(__always)
    package var value: UInt32 {
        let product = state.multipliedFullWidth(by: Self.odd)
        return UInt32(truncatingIfNeeded: (product.high ^ product.low) &>> 32)
    }
}
