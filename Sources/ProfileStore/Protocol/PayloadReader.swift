internal import NIOConcurrencyHelpers
public import NIOCore

/// The bytes beside one object, read from the first to the last, by one reader.
public protocol PayloadReader: AnyObject, Sendable {
    /// The next bytes, never empty; nil behind the last. A piece has the size that the store chooses, some 100 KB.
    func next() async throws(StoreError) -> ByteBuffer?
}

/// Bytes that are in memory, as one piece.
public final class WholePayload: PayloadReader {
    private let bytes: NIOLockedValueBox<ByteBuffer>

    /// A reader of `bytes`.
    public init(_ bytes: [UInt8]) { self.bytes = NIOLockedValueBox(ByteBuffer(bytes: bytes)) }

    /// All of them at once.
    public func next() async throws(StoreError) -> ByteBuffer? {
        bytes.withLockedValue { $0.readSlice(length: $0.readableBytes) }.flatMap { $0.readableBytes > 0 ? $0 : nil }
    }
}
