internal import APIMachinery
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Reads a payload that is kept in rows, one after the other.
final class RowPayloadReader: PayloadReader {
    private let resource: String
    private let key: ObjectKey
    private let readers: ReaderPool
    private let state: NIOLockedValueBox<State>

    private struct State {
        /// Read already.
        var first: ByteBuffer?
        var part = 0
    }

    init(_ resource: String, _ key: ObjectKey, first: ByteBuffer, readers: ReaderPool) {
        self.resource = resource
        self.key = key
        self.readers = readers
        state = NIOLockedValueBox(State(first: first))
    }

    func next() async throws(StoreError) -> ByteBuffer? {
        let (first, part) = state.withLockedValue { state in
            defer { state.part += 1 }
            return (state.first.take(), state.part)
        }
        if let first { return first.readableBytes > 0 ? first : nil }
        return try await readers.read { [resource, key] reader throws(StoreError) in
            try reader.payloads.row(resource, key, part: part)
        }
    }
}
