internal import APIMachinery
internal import HTTPTransport
internal import NIOCore
internal import ProfileStore

/// The bytes of one stored profile, on their way to a client: two parts of them in memory, however many there are.
struct StoredPayload: Sendable {
    let store: any ObjectStore
    let key: ObjectKey

    /// The first part; nil if the profile is gone.
    func first() async throws(StoreError) -> ByteBuffer? { try await part(0) }

    /// Sends part by part, reading the next while one is written.
    ///
    /// - Throws: if the profile is deleted meanwhile: the stream is then aborted, so that nobody takes it for whole.
    func send(_ first: ByteBuffer, of size: Int, to writer: borrowing ResponseBodyWriter) async throws {
        var part = first
        var sent = 0
        var number = 0
        while true {
            sent += part.readableBytes
            guard sent < size else { return try await writer.write(part) }
            let following = number + 1
            async let next = self.part(following)
            try await writer.write(part)
            guard let read = try await next else {
                throw StoreError(.unavailable, "profile \(key) was deleted while it was sent")
            }
            part = read
            number = following
        }
    }

    private func part(_ number: Int) async throws(StoreError) -> ByteBuffer? {
        try await store.payload(ProfilesGroup.profiles, key, part: number)
    }

    /// What tools expect of a file of these bytes.
    static func suffix(_ first: ByteBuffer, _ type: String) -> String {
        if type == ProfileType.trace.rawValue { return ".trace" }
        return first.readableBytesView.starts(with: [0x1f, 0x8b]) ? ".pb.gz" : ".pb"
    }
}
