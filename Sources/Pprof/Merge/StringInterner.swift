internal import Glibc

/// Strings of many profiles, each kept once.
struct StringInterner {
    private(set) var bytes: [UInt8] = []
    private(set) var extents: [Extent] = [Extent(start: 0, length: 0)]
    private var table = RowTable(capacity: 1024)
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    var byteCount: Int { bytes.count + extents.count * MemoryLayout<Extent>.stride + table.byteCount }

    /// The index of `text`, which is added the first time; the empty string is 0.
    mutating func index(of text: UnsafeBufferPointer<UInt8>) -> StringIndex {
        if text.isEmpty { return .empty }
        var hash = SeededHash(seed: seed)
        hash.combine(text)
        let next = extents.count
        let known = bytes.withUnsafeBufferPointer { bytes in
            table.row(hash: hash.value, orInsert: next) { row in
                let extent = extents[row]
                guard Int(extent.length) == text.count, let start = text.baseAddress else { return false }
                let kept = UnsafeBufferPointer(rebasing: bytes[extent.range])
                return kept.baseAddress.map { memcmp($0, start, text.count) == 0 } ?? false
            }
        }
        if let known { return StringIndex(UInt32(truncatingIfNeeded: known)) }
        extents.append(Extent(start: bytes.count, length: text.count))
        bytes.append(contentsOf: text)
        return StringIndex(UInt32(truncatingIfNeeded: next))
    }

    mutating func index(of text: StaticString) -> StringIndex {
        index(of: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
