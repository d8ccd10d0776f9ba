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

    private struct State {
        var entries: [ObjectKey: Entry] = [:]
        /// Those before the last time that the bound was reached.
        var older: [ObjectKey: Entry] = [:]
        var size = 0
    }

    /// Bytes that are kept at most.
    private let limit: Int
    private let state = NIOLockedValueBox(State())

    init(limit: Int = 8 << 20) { self.limit = limit }

    /// The bytes of the profile at that version.
    func bytes(_ key: ObjectKey, at version: ResourceVersion) -> ByteBuffer? {
        state.withLockedValue { state in
            if let entry = state.entries[key] { return entry.version == version ? entry.bytes : nil }
            guard let entry = state.older.removeValue(forKey: key), entry.version == version else { return nil }
            insert(entry, key, &state)
            return entry.bytes
        }
    }

    /// Keeps bytes that were read after that version was seen.
    func keep(_ bytes: ByteBuffer, _ key: ObjectKey, at version: ResourceVersion) {
        guard bytes.readableBytes <= limit / 16 else { return }
        // Of its own, so that nothing larger is kept with it.
        let own = ByteBuffer(bytes: bytes.readableBytesView)
        state.withLockedValue { state in insert(Entry(version: version, bytes: own), key, &state) }
    }

    /// Half of the bound is for those of late, half for those before.
    private func insert(_ entry: Entry, _ key: ObjectKey, _ state: inout State) {
        if state.size + entry.bytes.readableBytes > limit / 2 {
            state.older = state.entries
            state.entries = [:]
            state.size = 0
        }
        state.size += entry.bytes.readableBytes - (state.entries[key]?.bytes.readableBytes ?? 0)
        state.entries[key] = entry
    }
}
