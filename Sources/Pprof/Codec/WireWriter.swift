/// Writes protobuf wire primitives to the end of `bytes`.
///
/// Fields with the value 0 are left out, as proto3 wants it.
struct WireWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func reserveCapacity(_ count: Int) { bytes.reserveCapacity(count) }

    /// A length-delimited field with what `body` writes; written even if empty.
    ///
    /// The length is written behind, into one byte; the rare longer content is moved.
    @inline(__always)
    mutating func message(_ number: UInt64, _ body: (inout WireWriter) -> Void) {
        varint(number << 3 | UInt64(WireType.length.rawValue))
        let place = bytes.count
        bytes.append(0)
        body(&self)
        let count = bytes.count - place - 1
        if count < 0x80 {
            bytes[place] = UInt8(truncatingIfNeeded: count)
        } else {
            widenLength(at: place, count)
        }
    }

    private mutating func widenLength(at place: Int, _ count: Int) {
        var length = WireWriter()
        length.varint(UInt64(count))
        bytes.replaceSubrange(place...place, with: length.bytes)
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func field(_ number: UInt64, _ value: UInt64) {
        guard value != 0 else { return }
        varint(number << 3 | UInt64(WireType.varint.rawValue))
        varint(value)
    }

    mutating func field(_ number: UInt64, _ value: Int64) { field(number, UInt64(bitPattern: value)) }

    mutating func field(_ number: UInt64, _ value: StringIndex) { field(number, UInt64(value.rawValue)) }

    mutating func field(_ number: UInt64, _ value: Bool) { field(number, value ? 1 : UInt64(0)) }

    /// A length-delimited field; written even if empty.
    mutating func field(_ number: UInt64, _ content: some Collection<UInt8>) {
        varint(number << 3 | UInt64(WireType.length.rawValue))
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func field(_ number: UInt64, _ message: WireWriter) { field(number, message.bytes) }

    /// A packed repeated field; left out if empty.
    @inline(__always)
    mutating func packed(_ number: UInt64, _ values: some Collection<UInt64>) {
        guard !values.isEmpty else { return }
        var count = 0
        for value in values { count &+= Self.size(value) }
        varint(number << 3 | UInt64(WireType.length.rawValue))
        varint(UInt64(count))
        // All at once, because an array asks at each write whether it is shared.
        bytes.append(addingCapacity: count) { output in
            for value in values {
                var rest = value
                while rest >= 0x80 {
                    output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                    rest &>>= 7
                }
                output.append(UInt8(truncatingIfNeeded: rest))
            }
        }
    }

    /// Bytes of a varint: one for each 7 bits that there are, at least one.
    @inline(__always)
    private static func size(_ value: UInt64) -> Int {
        let bits = 64 &- (value | 1).leadingZeroBitCount
        // Exact for 1 to 64 bits.
        return (bits &* 9 &+ 64) &>> 6
    }

    mutating func append(_ other: WireWriter) { bytes.append(contentsOf: other.bytes) }
}
