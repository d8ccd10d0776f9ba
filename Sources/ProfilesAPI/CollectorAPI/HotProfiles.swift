internal import APIMachinery
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import ProfileStore

/// The bytes of profiles that were asked for lately, within a bound: they are answered without a way to the store's readers.
///
/// Bytes belong to a version of the profile's object. Whoever takes them says the version that he sees: a profile that was deleted, or
/// made again under the same name, is not found here.
final class HotProfiles: Sendable {
    private struct Entry {
        let version: ResourceVersion
        let bytes: ByteBuffer
    }

    /// Bytes that are kept at most.
    private let limit: Int
    private let cache: NIOLockedValueBox<ByteCache<Entry>>

    init(limit: Int = 8 << 20) {
        self.limit = limit
        cache = NIOLockedValueBox(ByteCache(limit: limit))
    }

    /// The bytes of the profile at that version.
    func bytes(_ key: ObjectKey, at version: ResourceVersion) -> ByteBuffer? {
        guard let entry = cache.withLockedValue({ $0.get(key) }), entry.version == version else { return nil }
        return entry.bytes
    }

    /// Keeps bytes that were read after that version was seen.
    func keep(_ bytes: ByteBuffer, _ key: ObjectKey, at version: ResourceVersion) {
        guard bytes.readableBytes <= limit / 16 else { return }
        // Of its own, so that nothing larger is kept with it.
        let own = ByteBuffer(bytes: bytes.readableBytesView)
        let entry = Entry(version: version, bytes: own)
        cache.withLockedValue { $0.put(key, entry, bytes: own.readableBytes) }
    }
}
