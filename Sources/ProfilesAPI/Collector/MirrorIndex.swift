internal import ProfefeCollector

/// The profiles of one service and one type of a collector.
struct MirrorStream: Hashable, Sendable, Comparable {
    let service: String
    let type: CollectorType

    static func < (left: Self, right: Self) -> Bool {
        (left.service, left.type.rawValue) < (right.service, right.type.rawValue)
    }
}

/// A profile in the mirror: when it was taken, its xid, its namespace, in 24 bytes: there may be a million.
struct MirrorEntry: Hashable, Sendable, Comparable {
    /// Unix time.
    let second: Int64
    /// The first 12 characters of the xid.
    private let high: UInt64
    /// The other 8, and above them the number of the namespace.
    private let low: UInt64
    private static let namespaceShift: UInt64 = 40

    /// Nil for what is no xid, or too many namespaces.
    init?(second: Int64, xid: String, namespace: Int) {
        guard xid.utf8.count == 20, (0..<(1 << 24)).contains(namespace) else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (place, character) in xid.utf8.enumerated() {
            guard let digit = Self.digits.firstIndex(of: character) else { return nil }
            if place < 12 { words.0 = words.0 << 5 | UInt64(digit) } else { words.1 = words.1 << 5 | UInt64(digit) }
        }
        self.second = second
        high = words.0
        low = words.1 | UInt64(namespace) << Self.namespaceShift
    }

    /// The same name in whatever namespace.
    var xid: String {
        let text = (0..<12).map { Self.digits[Int(high >> (55 - 5 * UInt64($0)) & 31)] }
        return String(
            decoding: text + (0..<8).map { Self.digits[Int(low >> (35 - 5 * UInt64($0)) & 31)] }, as: UTF8.self)
    }

    /// The number of its namespace.
    var namespace: Int { Int(low >> Self.namespaceShift) }

    static func < (left: Self, right: Self) -> Bool {
        (left.second, left.high, left.low) < (right.second, right.high, right.low)
    }

    private static let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)
}

/// What the mirror has of each stream, in the order of time: so that a poll needs no look into the store for what it knows.
struct MirrorIndex: Sendable {
    private var streams: [MirrorStream: [MirrorEntry]] = [:]
    private var names: [String] = []
    private var numbers: [String: Int] = [:]
    /// How many profiles it has.
    private(set) var count = 0

    /// The services of the mirror's profiles.
    var services: Set<String> { Set(streams.lazy.filter { !$0.value.isEmpty }.map(\.key.service)) }

    /// A profile's entry; nil if there can be none.
    mutating func entry(second: Int64, xid: String, namespace: String) -> MirrorEntry? {
        if numbers[namespace] == nil {
            numbers[namespace] = names.count
            names.append(namespace)
        }
        return numbers[namespace].flatMap { MirrorEntry(second: second, xid: xid, namespace: $0) }
    }

    /// The namespace of an entry.
    func namespace(of entry: MirrorEntry) -> String {
        names.indices.contains(entry.namespace) ? names[entry.namespace] : ""
    }

    func contains(_ entry: MirrorEntry, in stream: MirrorStream) -> Bool {
        guard let entries = streams[stream] else { return false }
        let place = entries.partitionPoint { $0 < entry }
        return place < entries.count && entries[place] == entry
    }

    mutating func insert(_ fresh: [MirrorEntry], into stream: MirrorStream) {
        // Taken out while it is changed: else it would be copied.
        var entries = streams.removeValue(forKey: stream) ?? []
        for entry in fresh.sorted() {
            if let last = entries.last, entry <= last {
                let place = entries.partitionPoint { $0 < entry }
                if place < entries.count, entries[place] == entry { continue }
                entries.insert(entry, at: place)
            } else {
                entries.append(entry)
            }
            count += 1
        }
        streams[stream] = entries
    }

    /// The same for the first filling, which ``seal()`` ends.
    mutating func load(_ entry: MirrorEntry, into stream: MirrorStream) {
        streams[stream, default: []].append(entry)
        count += 1
    }

    mutating func seal() {
        for key in streams.keys { streams[key]?.sort() }
    }

    mutating func remove(_ gone: Set<MirrorEntry>, from stream: MirrorStream) {
        guard var entries = streams.removeValue(forKey: stream) else { return }
        let before = entries.count
        entries.removeAll { gone.contains($0) }
        count -= before - entries.count
        if !entries.isEmpty { streams[stream] = entries }
    }

    /// The entries of those seconds, both ends counted.
    func entries(_ stream: MirrorStream, from first: Int64, to last: Int64) -> ArraySlice<MirrorEntry> {
        guard let entries = streams[stream] else { return [] }
        let start = entries.partitionPoint { $0.second < first }
        let end = entries.partitionPoint { $0.second <= last }
        return entries[start..<max(start, end)]
    }

    /// The last second of a part that begins at `first`, has whole seconds and about `size` entries, and ends at `last` at the latest.
    func end(ofPart stream: MirrorStream, from first: Int64, size: Int, last: Int64) -> Int64 {
        guard let entries = streams[stream] else { return last }
        let start = entries.partitionPoint { $0.second < first }
        guard entries.count - start > size else { return last }
        return min(last, entries[start + size].second)
    }
}
