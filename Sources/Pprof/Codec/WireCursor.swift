/// Reads protobuf wire primitives from a run of bytes; no read goes past its end.
///
/// Valid only inside the closure that lent the bytes. Its errors name no field: the caller, who knows it, adds it.
struct WireCursor {
    private let bytes: UnsafePointer<UInt8>
    /// Place of the next byte, counted from the beginning of the whole message.
    private(set) var offset: Int
    private let end: Int
    /// The whole message's end: up to there several bytes may be loaded at once, but nothing after `end` counts.
    private let messageEnd: Int

    /// A cursor over `range` of `message`; what lies outside of `message` is cut away. nil for no bytes at all.
    init?(_ message: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard let base = message.baseAddress else { return nil }
        let range = range.clamped(to: 0..<message.count)
        self.init(bytes: base, offset: range.lowerBound, end: range.upperBound, messageEnd: message.count)
    }

    private init(bytes: UnsafePointer<UInt8>, offset: Int, end: Int, messageEnd: Int) {
        self.bytes = bytes
        self.offset = offset
        self.end = end
        self.messageEnd = messageEnd
    }

    @inline(__always) var hasMore: Bool { offset < end }

    /// Number of bytes left.
    var count: Int { end - offset }

    /// The next base 128 varint: at most ten bytes and 64 bits. Longer forms of small numbers are taken.
    @inline(__always)
    mutating func varint() throws(PprofError) -> UInt64 {
        if offset < end {
            let first = bytes[offset]
            if first < 0x80 {
                offset &+= 1
                return UInt64(first)
            }
            if offset &+ 1 < end {
                let second = bytes[offset &+ 1]
                if second < 0x80 {
                    offset &+= 2
                    return UInt64(first & 0x7f) | UInt64(second) &<< 7
                }
            }
        }
        // By value: a cursor whose address nobody has stays in registers.
        let (value, next) = try longVarint()
        offset = next
        return value
    }

    /// The varint here and where it ends: of up to eight bytes without a loop.
    @inline(never)
    private func longVarint() throws(PprofError) -> (value: UInt64, next: Int) {
        guard let word else { return try anyVarint() }
        // Bit 7 of the first byte that ends a varint is the lowest bit set.
        let ends = ~word & 0x8080_8080_8080_8080
        let length = (ends.trailingZeroBitCount &+ 1) &>> 3
        guard ends != 0, length <= end &- offset else { return try anyVarint() }
        var bits = word & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* length)) & 0x7f7f_7f7f_7f7f_7f7f
        // Groups of 7 bits are moved together: in pairs to 14, these to 28, these to 56.
        bits = bits & 0x007f_007f_007f_007f | (bits & 0x7f00_7f00_7f00_7f00) &>> 1
        bits = bits & 0x0000_3fff_0000_3fff | (bits & 0x3fff_0000_3fff_0000) &>> 2
        bits = bits & 0x0000_0000_0fff_ffff | (bits & 0x0fff_ffff_0000_0000) &>> 4
        return (bits, offset &+ length)
    }

    private func anyVarint() throws(PprofError) -> (value: UInt64, next: Int) {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var position = offset
        while position < end {
            let byte = bytes[position]
            position &+= 1
            // The tenth byte holds bit 63 only.
            guard shift < 63 || byte <= 1 else { throw overflow(tenthByte: byte) }
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 { return (value, position) }
            shift &+= 7
        }
        throw PprofError(.truncated, at: offset, "the varint is cut off: its message ends at byte \(end)")
    }

    private func overflow(tenthByte: UInt8) -> PprofError {
        let fault = tenthByte < 0x80 ? "has more than 64 bits" : "is longer than ten bytes"
        return PprofError(.badVarint, at: offset, "the varint \(fault)")
    }

    /// The next eight bytes, the first one lowest; bytes after `end` may be among them. nil close to the message's end.
    @inline(__always)
    private var word: UInt64? {
        guard messageEnd &- offset >= 8 else { return nil }
        return UInt64(littleEndian: UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self))
    }

    /// Up to four varints of one or two bytes for as long as `take` says true, without a branch on their lengths, which nobody
    /// can foresee. Returns whether there was one.
    @inline(__always)
    mutating func shortVarints(_ take: (UInt64) -> Bool) -> Bool {
        guard var word else { return false }
        let begin = offset
        for _ in 0..<4 {
            let isLonger = word &>> 7 & 1
            let next = offset &+ 1 &+ Int(truncatingIfNeeded: isLonger)
            let value = word & 0x7f | word &>> 1 & 0x3f80 & (0 &- isLonger)
            guard word & 0x8080 != 0x8080, next <= end, take(value) else { break }
            offset = next
            word &>>= 8 &+ 8 &* isLonger
        }
        return offset != begin
    }

    /// The next field's number and wire type.
    @inline(__always)
    mutating func tag() throws(PprofError) -> WireTag {
        let start = offset
        return try WireTag(try varint(), at: start)
    }

    /// Goes behind the next byte if it is the tag `raw`; a tag below 0x80 is a byte, of others it is none.
    @inline(__always)
    mutating func skipTag(_ raw: UInt64) -> Bool {
        guard offset < end, UInt64(bytes[offset]) == raw else { return false }
        offset &+= 1
        return true
    }

    /// The content of a length-delimited field, whose length comes next.
    @inline(__always)
    mutating func nested() throws(PprofError) -> WireCursor {
        let start = offset
        let length = try varint()
        guard length <= UInt64(truncatingIfNeeded: end &- offset) else { throw tooLong(length, at: start) }
        let content = WireCursor(
            bytes: bytes, offset: offset, end: offset &+ Int(truncatingIfNeeded: length), messageEnd: messageEnd)
        offset = content.end
        return content
    }

    private func tooLong(_ length: UInt64, at start: Int) -> PprofError {
        PprofError(.truncated, at: start, "length \(length), but only \(end - offset) bytes are left in its message")
    }

    /// What is still unread, as a place in the message.
    var extent: Extent { Extent(start: offset, length: end - offset) }

    /// Goes behind the value of a field that nobody knows.
    mutating func skip(_ type: WireType) throws(PprofError) {
        switch type {
        case .varint: _ = try varint()
        case .fixed64: try skip(bytes: 8)
        case .fixed32: try skip(bytes: 4)
        case .length: _ = try nested()
        }
    }

    private mutating func skip(bytes count: Int) throws(PprofError) {
        guard end - offset >= count else {
            throw PprofError(
                .truncated, at: offset, "a value of \(count) bytes, but only \(end - offset) are left in its message")
        }
        offset += count
    }
}
