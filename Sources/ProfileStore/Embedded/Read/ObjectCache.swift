internal import APIMachinery
internal import NIOConcurrencyHelpers

/// Recently read objects, least recently used first out, bounded by bytes; never older than the last answered write.
///
/// The writer closes the keys of a commit before it commits and opens them after, with the new states. A reader fills
/// only if its key was neither closed nor changed since before it read.
final class ObjectCache: Sendable {
    /// Names an object over all resources.
    struct Key: Hashable {
        let resource: String
        let object: ObjectKey
    }

    /// A reader's permission to fill, as long as no commit touches its key.
    struct Filling {
        fileprivate let key: Key
        fileprivate let ticket: UInt64
    }

    private struct Entry {
        var object: StoredObject
        var bytes: Int
        var used: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        var time: UInt64 = 0
        var closed: Set<Key> = []
        /// Keys that readers are reading, with those readers' tickets that are still good.
        var fillings: [Key: Set<UInt64>] = [:]
    }

    private let state = NIOLockedValueBox(State())
    private let maximumBytes: Int

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    var bytes: Int { state.withLockedValue { $0.bytes } }

    /// The object, if it is at hand.
    func get(_ resource: String, _ key: ObjectKey) -> StoredObject? {
        let key = Key(resource: resource, object: key)
        return state.withLockedValue { state in
            guard let index = state.entries.index(forKey: key) else { return nil }
            state.time += 1
            state.entries.values[index].used = state.time
            return state.entries.values[index].object
        }
    }

    // MARK: readers

    /// Announces a read of an object from the database; nil if it couldn't be kept.
    func beginFilling(_ resource: String, _ key: ObjectKey) -> Filling? {
        let key = Key(resource: resource, object: key)
        return state.withLockedValue { state in
            guard !state.closed.contains(key) else { return nil }
            state.time += 1
            state.fillings[key, default: []].insert(state.time)
            return Filling(key: key, ticket: state.time)
        }
    }

    /// Ends a read; keeps what was found if no commit came between.
    func endFilling(_ filling: Filling?, with object: StoredObject?) {
        guard let filling else { return }
        state.withLockedValue { state in
            guard state.fillings[filling.key]?.remove(filling.ticket) != nil else { return }
            if state.fillings[filling.key]?.isEmpty == true { state.fillings[filling.key] = nil }
            if let object { insert(object, filling.key, &state) }
        }
    }

    // MARK: the writer

    /// Forgets objects that a commit is about to change, and keeps them out until `open`.
    func close(_ keys: [Key]) {
        state.withLockedValue { state in
            for key in keys {
                state.closed.insert(key)
                state.fillings[key] = nil
                remove(key, &state)
            }
        }
    }

    /// Lets closed objects in again; those that were at hand anyway come back with their new state.
    func open(_ keys: [Key]) {
        state.withLockedValue { state in
            for key in keys { state.closed.remove(key) }
        }
    }

    // MARK: keeping the bound

    private func insert(_ object: StoredObject, _ key: Key, _ state: inout State) {
        let bytes = object.footprint
        guard bytes <= maximumBytes / 4 else { return }
        remove(key, &state)
        state.time += 1
        state.entries[key] = Entry(object: object, bytes: bytes, used: state.time)
        state.bytes += bytes
        if state.bytes > maximumBytes { evict(&state) }
    }

    private func remove(_ key: Key, _ state: inout State) {
        if let entry = state.entries.removeValue(forKey: key) { state.bytes -= entry.bytes }
    }

    /// Drops the least recently used quarter at once: sorting thousands then is rarer than moving links at each read.
    private func evict(_ state: inout State) {
        for (key, _) in state.entries.sorted(by: { $0.value.used < $1.value.used }) {
            if state.bytes <= maximumBytes / 4 * 3 { break }
            remove(key, &state)
        }
    }
}
