internal import NIOConcurrencyHelpers
internal import NIOCore

/// Answers of kube-apiserver, remembered for a while; never more than so many.
///
/// Two generations: what is asked for moves into the young one; when that is full it becomes the old one, and what was not asked for
/// since is forgotten. So a flood of other questions can't push out what is in use, and no question costs more than two look-ups.
/// Times are those of a clock that only goes forward: setting the system's clock changes nothing.
final class ReviewCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let until: NIODeadline
    }
    private struct State {
        var young: [Key: Entry] = [:]
        var old: [Key: Entry] = [:]
    }
    private let state = NIOLockedValueBox(State())
    private let generation: Int

    /// Remembers at least the latest half of `limit` answers, and never more than `limit`.
    init(limit: Int) { generation = max(1, limit / 2) }

    /// What is remembered of `key` and still good at `now`.
    func value(of key: Key, at now: NIODeadline) -> Value? {
        state.withLockedValue { state in
            if let entry = state.young[key] { return now < entry.until ? entry.value : nil }
            guard let entry = state.old.removeValue(forKey: key), now < entry.until else { return nil }
            put(entry, key, &state)
            return entry.value
        }
    }

    /// Remembers, in the place of what was. A time of zero or less remembers nothing.
    func insert(_ value: Value, for key: Key, at now: NIODeadline, for time: TimeAmount) {
        guard time > .zero else { return }
        state.withLockedValue { state in
            state.old[key] = nil
            put(Entry(value: value, until: now + time), key, &state)
        }
    }

    /// How many answers are remembered, good or not.
    var count: Int { state.withLockedValue { $0.young.count + $0.old.count } }

    private func put(_ entry: Entry, _ key: Key, _ state: inout State) {
        if state.young.count >= generation, state.young[key] == nil {
            state.old = state.young
            state.young = [:]
        }
        state.young[key] = entry
    }
}
