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
        let name = append(name) { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        let value = append(value) { $0 < 0x20 && $0 != 0x09 ? 0x20 : $0 }
        lengths.append((name, value, isIndexed))
    }

    /// Appends the bytes of a text, each mapped; returns how many they are.
    private mutating func append(_ text: String, _ map: (UInt8) -> UInt8) -> Int {
        var text = text
        return text.withUTF8 { text in
            let start = bytes.count
            bytes.append(contentsOf: text)
            bytes.withUnsafeMutableBufferPointer { bytes in
                for index in start..<bytes.count { bytes[index] = map(bytes[index]) }
            }
            return text.count
        }
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
