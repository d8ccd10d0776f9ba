internal import CNghttp2

/// A message's fields in the shape nghttp2 takes them; one per connection, reused.
struct HTTP2FieldBlock: Sendable {
    private struct Field {
        let name: Int
        let value: Int
        let isIndexed: Bool
    }
    private var store = ByteStore()
    private var fields: [Field] = []

    mutating func clear() {
        store.clear()
        fields.removeAll(keepingCapacity: true)
    }

    /// Adds a field: the name in lower case (RFC 9113 §8.2.1), control characters of the value as spaces, so that no
    /// text of a handler can break the message. A value that no other answer has should not be indexed (RFC 7541 §6.2.2):
    /// it would push those out of the table that all have.
    mutating func add(_ name: String, _ value: String, isIndexed: Bool = true) {
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { value in
                store.append(name.count + value.count) { target in
                    let bytes = target.assumingMemoryBound(to: UInt8.self)
                    for index in 0..<name.count {
                        let byte = name[index]
                        bytes[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
                    }
                    let rest = bytes + name.count
                    for index in 0..<value.count {
                        let byte = value[index]
                        rest[index] = byte < 0x20 && byte != 0x09 ? 0x20 : byte
                    }
                }
                fields.append(Field(name: name.count, value: value.count, isIndexed: isIndexed))
            }
        }
    }

    /// Adds the fields of another block.
    mutating func add(_ other: HTTP2FieldBlock) {
        other.store.withBytes { store.append($0) }
        for field in other.fields { fields.append(field) }
    }

    /// Calls `body` with the fields; nghttp2 copies them.
    mutating func withVectors<R>(_ body: (UnsafePointer<nghttp2_nv>?, Int) -> R) -> R {
        store.withMutableBytes { bytes in
            withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(fields.count, 1)) { vectors in
                var position = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                for index in fields.indices {
                    let field = fields[index]
                    let value = position.map { $0 + field.name }
                    let flags = field.isIndexed ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX
                    vectors.initializeElement(
                        at: index,
                        to: nghttp2_nv(
                            name: position, value: value, namelen: field.name, valuelen: field.value,
                            flags: UInt8(flags.rawValue)))
                    position = value.map { $0 + field.value }
                }
                return body(vectors.baseAddress.map { UnsafePointer($0) }, fields.count)
            }
        }
    }
}
