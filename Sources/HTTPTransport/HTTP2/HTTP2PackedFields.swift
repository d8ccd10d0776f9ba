/// The fields of a head behind each other in one array, no text made of them yet: `name length, value length, name, value`,
/// the lengths in four bytes each, so that equal bytes are equal fields.
struct HTTP2PackedFields {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        // Both lengths at once, the name's in the lower half.
        let lengths = UInt64(UInt32(truncatingIfNeeded: name.count)) | UInt64(value.count) << 32
        withUnsafeBytes(of: lengths.littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: name)
        bytes.append(contentsOf: value)
        count += 1
    }

    mutating func removeAll(keepingCapacity: Bool) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        count = 0
    }

    /// Calls `body` with each field as text.
    func forEach(_ body: (_ name: String, _ value: String) -> Void) {
        var rest = bytes[...]
        while let name = Self.takeLength(&rest), let value = Self.takeLength(&rest), name + value <= rest.count {
            let middle = rest.startIndex + name
            let end = middle + value
            body(
                String(decoding: rest[..<middle], as: UTF8.self), String(decoding: rest[middle..<end], as: UTF8.self))
            rest = rest[end...]
        }
    }

    private static func takeLength(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 4 else { return nil }
        let length = rest.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }
        rest = rest.dropFirst(4)
        return Int(length)
    }
}
