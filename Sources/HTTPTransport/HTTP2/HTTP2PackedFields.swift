/// The fields of a head behind each other, no text made of them yet: `name length, value length, name, value`, the lengths in four
/// bytes each, so that equal bytes are equal fields.
struct HTTP2PackedFields {
    private var store = ByteStore()
    private(set) var count = 0

    /// How many bytes they are.
    var byteCount: Int { store.count }

    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        // Both lengths at once, the name's in the lower half.
        let lengths = UInt64(UInt32(truncatingIfNeeded: name.count)) | UInt64(value.count) << 32
        store.append(8 + name.count + value.count) { target in
            target.storeBytes(of: lengths.littleEndian, as: UInt64.self)
            if let source = name.baseAddress { (target + 8).copyMemory(from: source, byteCount: name.count) }
            if let source = value.baseAddress {
                (target + 8 + name.count).copyMemory(from: source, byteCount: value.count)
            }
        }
        count += 1
    }

    /// Forgets the fields, and the storage too where it is longer than `limit`.
    mutating func clear(keepingUpTo limit: Int) {
        store.clear(keepingUpTo: limit)
        count = 0
    }

    /// The bytes, to be compared or copied.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { store.withBytes(body) }

    /// Calls `body` with each field as text.
    func forEach(_ body: (_ name: String, _ value: String) -> Void) {
        store.withBytes { bytes in
            var rest = bytes[...]
            while let name = Self.takeLength(&rest), let value = Self.takeLength(&rest), name + value <= rest.count {
                let middle = rest.startIndex + name
                let end = middle + value
                body(
                    String(decoding: rest[..<middle], as: UTF8.self),
                    String(decoding: rest[middle..<end], as: UTF8.self))
                rest = rest[end...]
            }
        }
    }

    private static func takeLength(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Int? {
        guard rest.count >= 4 else { return nil }
        let length = UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt32.self)
        rest = rest.dropFirst(4)
        return Int(UInt32(littleEndian: length))
    }
}
