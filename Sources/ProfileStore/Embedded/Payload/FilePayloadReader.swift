internal import NIOConcurrencyHelpers
internal import NIOCore

/// Reads a payload's file: what is in memory at once, on the caller's thread, the rest where waiting for a disk keeps nobody.
final class FilePayloadReader: PayloadReader {
    /// A piece of what is in memory: what the transport sends in one go, still in the processor's cache then.
    private static let cachedBytes = 124 << 10
    /// A piece that is waited for, which costs two changes of threads.
    private static let waitedBytes = 4 * cachedBytes

    private let file: OpenPayloadFile
    private let readers: ReaderPool
    private let offset = NIOLockedValueBox<Int64>(0)

    init(_ file: OpenPayloadFile, readers: ReaderPool) {
        self.file = file
        self.readers = readers
    }

    func next() async throws(StoreError) -> ByteBuffer? {
        let start = offset.withLockedValue { $0 }
        guard start < file.bytes else { return nil }
        let piece: ByteBuffer
        if let cached = file.cached(from: start, atMost: Self.cachedBytes) {
            piece = cached
        } else {
            piece = try await readers.read { [file] _ throws(StoreError) in
                try file.read(from: start, atMost: Self.waitedBytes)
            }
        }
        offset.withLockedValue { $0 = start + Int64(piece.readableBytes) }
        return piece
    }
}
