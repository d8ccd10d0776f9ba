/// Bytes behind each other in storage that stays where it is from one message to the next.
///
/// An array's own `append` looks at each call whether the storage is shared and large enough; here that is done once for all parts of
/// a field.
struct ByteStore {
    private var storage: [UInt8] = []
    /// How many bytes are in use.
    private(set) var count = 0

    /// Forgets the bytes, and the storage too where it is longer than `limit`.
    mutating func clear(keepingUpTo limit: Int = .max) {
        count = 0
        if storage.count > limit { storage = [] }
    }

    /// Appends `wanted` bytes that `fill` writes, all of them.
    mutating func append(_ wanted: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        guard wanted > 0 else { return }
        if storage.count - count < wanted {
            let size = max(2 * storage.count, count + wanted, 512)
            storage.append(contentsOf: repeatElement(0, count: size - storage.count))
        }
        storage.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { fill(base + count) }
        }
        count += wanted
    }

    /// Appends bytes that lie somewhere else.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(bytes.count) { target in
            if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
        }
    }

    /// The bytes in use.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    }

    /// The bytes in use, to be changed or pointed to by C.
    mutating func withMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
        let count = count
        return storage.withUnsafeMutableBytes { body(UnsafeMutableRawBufferPointer(rebasing: $0.prefix(count))) }
    }
}
