internal import CNghttp2

/// A response's fields in the shape nghttp2 takes them; one per connection, reused.
struct HTTP2FieldBlock {
    private var bytes: [UInt8] = []
    private var lengths: [(name: Int, value: Int)] = []
    private var vectors: [nghttp2_nv] = []

    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
    }

    /// Adds a field: the name in lower case (RFC 9113 §8.2.1), control characters of the value as spaces, so that no
    /// text of a handler can break the message.
    mutating func add(_ name: String, _ value: String) {
        let start = bytes.count
        bytes.append(contentsOf: name.utf8)
        let middle = bytes.count
        bytes.append(contentsOf: value.utf8)
        for index in start..<middle where (0x41...0x5A).contains(bytes[index]) { bytes[index] |= 0x20 }
        for index in middle..<bytes.count where bytes[index] < 0x20 && bytes[index] != 0x09 { bytes[index] = 0x20 }
        lengths.append((middle - start, bytes.count - middle))
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
                        flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
                position = value.map { $0 + length.value }
            }
            return vectors.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }
}
