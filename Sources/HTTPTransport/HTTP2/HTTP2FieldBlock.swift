internal import CNghttp2

/// A response's fields in the shape nghttp2 takes them; one per connection, reused.
struct HTTP2FieldBlock {
    private var bytes: [UInt8] = []
    private var lengths: [(name: Int, value: Int, isIndexed: Bool)] = []
    private var vectors: [nghttp2_nv] = []

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
    }

    /// Adds a field: the name in lower case (RFC 9113 §8.2.1), control characters of the value as spaces, so that no
    /// text of a handler can break the message. A value that no other answer has should not be indexed (RFC 7541 §6.2.2):
    /// it would push those out of the table that all have.
    mutating func add(_ name: String, _ value: String, isIndexed: Bool = true) {
        let start = bytes.count
        append(name)
        let middle = bytes.count
        append(value)
        bytes.withUnsafeMutableBufferPointer { bytes in
            for index in start..<middle where bytes[index] &- 0x41 < 26 { bytes[index] |= 0x20 }
            for index in middle..<bytes.count where bytes[index] < 0x20 && bytes[index] != 0x09 { bytes[index] = 0x20 }
        }
        lengths.append((middle - start, bytes.count - middle, isIndexed))
    }

    /// Appends the bytes of a text at once, not one by one.
    private mutating func append(_ text: String) {
        let appended: Void? = text.utf8.withContiguousStorageIfAvailable { bytes.append(contentsOf: $0) }
        if appended == nil { bytes.append(contentsOf: text.utf8) }
    }

    /// Calls `body` with the fields; nghttp2 copies them.
    mutating func withVectors<R>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
        bytes.withUnsafeMutableBufferPointer { buffer in
            vectors.removeAll(keepingCapacity: true)
            var position = buffer.baseAddress
            for length in lengths {
                let value = position.map { $0 + length.name }
                vectors.append(
                    nghttp2_nv(
                        name: position, value: value, namelen: length.name, valuelen: length.value,
                        flags: UInt8(
                            (length.isIndexed ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX).rawValue)))
                position = value.map { $0 + length.value }
            }
            return vectors.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }
}
