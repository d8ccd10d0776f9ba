#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reads heads of requests field by field, within the size limit; one per connection, for heads come one after the other.
struct HTTP2HeadReader {
    private var packed = HTTP2PackedFields()
    private var target = ""
    /// Names, values and 32 each (RFC 9113 §10.5.1).
    private var bytes = 0
    private var isTooLarge = false
    private var known = HTTP2FieldTable()

    /// Another head begins.
    mutating func begin() {
        // What a large head took is not kept.
        packed.clear(keepingUpTo: 2 * HTTP2FieldTable.longest)
        target = ""
        bytes = 0
        isTooLarge = false
    }

    /// Adds a field, which nghttp2 has checked.
    mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, limit: Int) {
        bytes += name.count + value.count + 32
        guard bytes <= limit else {
            // Nothing more is kept: the answer is 431.
            isTooLarge = true
            return
        }
        if name.count == 5, Self.isPath(name) {
            target = String(decoding: value, as: UTF8.self)
        } else {
            packed.append(name, value)
        }
    }

    private static func isPath(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        name.baseAddress.map { memcmp($0, ":path", 5) == 0 } ?? false
    }

    /// The head is whole.
    mutating func end() -> HTTP2RequestHead {
        HTTP2RequestHead(target: target, fields: known.fields(packed), isTooLarge: isTooLarge)
    }
}
