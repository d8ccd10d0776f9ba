/// Reads protobuf wire primitives from a run of bytes; no read goes past its end.
///
/// Valid only inside the closure that lent the bytes. Its errors name no field: the caller, who knows it, adds it.
struct WireCursor {
    private let bytes: UnsafePointer<UInt8>
    /// Place of the next byte, counted from the beginning of the whole message.
    private(set) var offset: Int
    private let end: Int

    /// A cursor over `extent` of `message`; what lies outside of `message` is cut away. nil for no bytes at all.
    init?(_ message: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard let base = message.baseAddress else { return nil }
        bytes = base
        let range = range.clamped(to: 0..<message.count)
        offset = range.lowerBound
        end = range.upperBound
    }

    private init(bytes: UnsafePointer<UInt8>, offset: Int, end: Int) {
        self.bytes = bytes
        self.offset = offset
        self.end = end
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
        return try longVarint()
    }

    private mutating func longVarint() throws(PprofError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var position = offset
        while position < end {
            let byte = bytes[position]
            position &+= 1
            // The tenth byte holds bit 63 only.
            guard shift < 63 || byte <= 1 else { throw overflow(tenthByte: byte) }
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 {
                offset = position
                return value
            }
            shift &+= 7
        }
        throw PprofError(.truncated, at: offset, "the varint is cut off: its message ends at byte \(end)")
    }

    private func overflow(tenthByte: UInt8) -> PprofError {
        let fault = tenthByte < 0x80 ? "has more than 64 bits" : "is longer than ten bytes"
        return PprofError(.badVarint, at: offset, "the varint \(fault)")
    }

    /// The next field's number and wire type.
    @inline(__always)
    mutating func tag() throws(PprofError) -> WireTag {
        let start = offset
        let raw = try varint()
        guard let type = WireType(rawValue: UInt8(truncatingIfNeeded: raw & 7)), raw >= 8, raw <= UInt64(UInt32.max)
        else {
            throw badTag(raw, at: start)
        }
        return WireTag(number: raw >> 3, type: type)
    }

    private func badTag(_ raw: UInt64, at start: Int) -> PprofError {
        let number = raw >> 3
        guard raw >= 8, raw <= UInt64(UInt32.max) else {
            return PprofError(
                .badTag, at: start, "field number \(number); the lowest is 1, the highest \(UInt32.max >> 3)")
        }
        let fault = raw & 7 == 3 || raw & 7 == 4 ? "is a group" : "has wire type \(raw & 7), which doesn't exist"
        return PprofError(.badTag, at: start, "field number \(number) \(fault)")
    }

    /// The content of a length-delimited field, whose length comes next.
    @inline(__always)
    mutating func nested() throws(PprofError) -> WireCursor {
        let start = offset
        let length = try varint()
        guard length <= UInt64(end &- offset) else {
            throw PprofError(
                .truncated, at: start, "length \(length), but only \(end - offset) bytes are left in its message")
        }
        let content = WireCursor(bytes: bytes, offset: offset, end: offset &+ Int(truncatingIfNeeded: length))
        offset = content.end
        return content
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

/// What stands before each protobuf field.
struct WireTag {
    let number: UInt64
    let type: WireType

    /// The error of a known field in a wire type that it can't have.
    func wrongType(at offset: Int) -> PprofError {
        PprofError(.badWireType, at: offset, "field number \(number) comes in wire type \(type.rawValue)")
    }
}
