internal import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import ProfileStore

/// The bytes of one stored profile, on their way to a client: a few pieces of them in memory, however many there are.
struct StoredPayload: Sendable {
    /// How it begins: all of a small one.
    let first: ByteBuffer
    private let rest: any PayloadReader
    private let key: ObjectKey

    /// Nil if the profile is gone, or never had any bytes.
    init?(of key: ObjectKey, in store: any ObjectStore) async throws(StoreError) {
        guard let reader = try await store.openPayload(ProfilesGroup.profiles, key) else { return nil }
        first = try await reader.next() ?? ByteBuffer()
        rest = reader
        self.key = key
    }

    /// Sends piece by piece; once.
    ///
    /// - Throws: if the profile was deleted meanwhile: the stream is then aborted, so that nobody takes it for whole.
    func send(of size: Int, to writer: borrowing ResponseBodyWriter) async throws {
        try await writer.write(first)
        var sent = first.readableBytes
        while sent < size {
            guard let piece = try await rest.next() else {
                throw StoreError(.unavailable, "profile \(key) was deleted while it was sent")
            }
            try await writer.write(piece)
            sent += piece.readableBytes
        }
    }

    /// What tools expect of a file of these bytes.
    func suffix(_ type: String) -> String {
        if type == ProfileType.trace.rawValue { return ".trace" }
        return first.readableBytesView.starts(with: [0x1f, 0x8b]) ? ".pb.gz" : ".pb"
    }
}
