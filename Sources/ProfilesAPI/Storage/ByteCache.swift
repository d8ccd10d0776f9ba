internal import APIMachinery

/// Values by name, within a limit of the bytes that they take: what was not asked for the longest goes first.
///
/// A list through the entries, by their places, is in the order in which they were asked for: to read, to keep and to make room take the
/// same time however many there are.
struct ByteCache<Value: Sendable>: Sendable {
    private struct Entry {
        var key: ObjectKey
        /// Nil in a place that is free.
        var value: Value?
        var bytes: Int
        /// The places of its neighbours in the list.
        var newer: Int?
        var older: Int?
    }

    private var places: [ObjectKey: Int] = [:]
    private var entries: [Entry] = []
    /// Places whose entry is gone.
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?
    private let limit: Int
    /// What it holds.
    private(set) var bytes = 0

    init(limit: Int) { self.limit = limit }

    /// How many entries it has.
    var count: Int { places.count }

    mutating func get(_ key: ObjectKey) -> Value? {
        guard let place = places[key] else { return nil }
        unlink(place)
        link(place)
        return entries[place].value
    }

    /// Keeps a value that takes so many bytes, unless it alone takes more than the half of it.
    mutating func put(_ key: ObjectKey, _ value: Value, bytes size: Int) {
        remove(key)
        guard size <= limit / 2 else { return }
        while bytes + size > limit, let oldest { remove(entries[oldest].key) }
        let entry = Entry(key: key, value: value, bytes: size)
        let place = free.popLast() ?? entries.count
        if place < entries.count { entries[place] = entry } else { entries.append(entry) }
        places[key] = place
        bytes += size
        link(place)
    }

    mutating func remove(_ key: ObjectKey) {
        guard let place = places.removeValue(forKey: key) else { return }
        unlink(place)
        bytes -= entries[place].bytes
        entries[place].value = nil
        free.append(place)
    }

    /// Makes it the newest.
    private mutating func link(_ place: Int) {
        entries[place].newer = nil
        entries[place].older = newest
        if let newest { entries[newest].newer = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Int) {
        let (newer, older) = (entries[place].newer, entries[place].older)
        if let newer { entries[newer].older = older } else { newest = older }
        if let older { entries[older].newer = newer } else { oldest = newer }
    }
}

extension ByteCache<[UInt8]> {
    mutating func put(_ key: ObjectKey, _ value: [UInt8]) { put(key, value, bytes: value.count) }
}
