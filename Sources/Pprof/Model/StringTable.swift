/// `Profile.string_table`: byte ranges in one buffer, of a decoded profile its unpacked message; no String is made before it is asked for.
public struct StringTable: Sendable {
    /// The bytes that the extents are of: the unpacked message, or what an operation gathered.
    let message: [UInt8]
    /// Where each string lies, all of them within `message`.
    let extents: [Extent]

    init(message: [UInt8], extents: [Extent]) {
        self.message = message
        self.extents = extents
    }

    /// Number of strings, the empty one at 0 included.
    public var count: Int { extents.count }

    /// The text of an entry of *this* table; bytes that aren't UTF-8 become U+FFFD. Allocates above 15 bytes.
    public subscript(index: StringIndex) -> String {
        String(decoding: bytes(index), as: UTF8.self)
    }

    /// The bytes of an entry of *this* table as they came, without a copy.
    public func bytes(_ index: StringIndex) -> ArraySlice<UInt8> {
        message[extents[Int(index.rawValue)].range]
    }

    /// All indexes in order.
    public var indexes: some Sequence<StringIndex> & Sendable {
        (0..<UInt32(truncatingIfNeeded: extents.count)).lazy.map { StringIndex($0) }
    }
}

/// A run of bytes in the unpacked message, which is never above 4 GiB.
struct Extent: Sendable {
    let start: UInt32
    let length: UInt32

    init(start: Int, length: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.length = UInt32(truncatingIfNeeded: length)
    }

    var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
}
