#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The fields of a connection's last heads, by their bytes: a client sends the same ones with nearly every request, only the
/// path is another. So texts are made of them once, and whatever is found out from them is found out once.
///
/// A connection whose heads all differ, a proxy's perhaps, is soon no longer asked to remember any.
struct HTTP2FieldTable {
    /// Bytes of the longest fields that are remembered.
    static let longest = 2048
    private static let places = 4
    /// So many heads one after the other may be new.
    private static let patience = 64

    private var entries: [(bytes: [UInt8], fields: HTTP2RequestFields)] = []
    private var oldest = 0
    private var misses = 0

    /// The fields that were packed; the same object as the last time, if they are remembered.
    mutating func fields(_ packed: HTTP2PackedFields) -> HTTP2RequestFields {
        guard misses < Self.patience, packed.byteCount <= Self.longest else { return HTTP2RequestFields(packed) }
        let place = packed.withBytes { packed in entries.firstIndex { Self.areEqual($0.bytes, packed) } }
        if let place {
            misses = 0
            return entries[place].fields
        }
        misses += 1
        let fields = HTTP2RequestFields(packed)
        guard misses < Self.patience else {
            entries = []
            return fields
        }
        // A copy: the packed ones are written over by the next head.
        let entry = (bytes: packed.withBytes { Array($0) }, fields: fields)
        if entries.count < Self.places {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.places
        }
        return fields
    }

    private static func areEqual(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            guard let left = left.baseAddress, let other = right.baseAddress else { return true }
            return memcmp(left, other, right.count) == 0
        }
    }
}
