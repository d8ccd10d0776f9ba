/// From hashes to rows of columns that lie elsewhere: open addressing, 8 bytes a slot, never more than half full.
package struct RowTable: Sendable {
    /// Hash in the upper half; row + 1 in the lower, 0 for a free slot.
    private var slots: [UInt64]
    private var used = 0

    package init(capacity: Int = 64) {
        var size = 64
        while size < capacity &* 2, size < 1 << 30 { size &*= 2 }
        slots = [UInt64](repeating: 0, count: size)
    }

    /// Memory of the table.
    package var byteCount: Int { slots.count * MemoryLayout<UInt64>.stride }

    /// The row with this hash that `matches`; where there is none, `next` is entered for it and nil is returned.
    @inline(__always)
    package mutating func row(hash: UInt32, orInsert next: Int, matches: (Int) -> Bool) -> Int? {
        if used &* 2 >= slots.count { grow() }
        let mask = slots.count &- 1
        var place = Int(hash) & mask
        return slots.withUnsafeMutableBufferPointer { slots in
            while true {
                let slot = slots[place]
                if slot == 0 { break }
                if UInt32(truncatingIfNeeded: slot &>> 32) == hash {
                    let row = Int(slot & 0xffff_ffff) &- 1
                    if matches(row) { return row }
                }
                place = (place &+ 1) & mask
            }
            slots[place] = UInt64(hash) &<< 32 | UInt64(truncatingIfNeeded: next &+ 1)
            used &+= 1
            return nil
        }
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count &* 2)
        let mask = larger.count &- 1
        for slot in slots where slot != 0 {
            var place = Int(slot &>> 32) & mask
            while larger[place] != 0 { place = (place &+ 1) & mask }
            larger[place] = slot
        }
        slots = larger
    }
}
