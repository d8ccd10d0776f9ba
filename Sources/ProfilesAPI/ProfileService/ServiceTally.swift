internal import APIMachinery
internal import ProfileStore

/// Adds up the profiles of one service, and takes away those that go.
///
/// Beside the sums it holds 8 bytes for each profile: its time, so that the oldest and the newest one are known whichever goes.
struct ServiceTally: Sendable {
    private(set) var summary: ServiceSummary
    private var counts: [String: Int] = [:]
    private var labelKeys: [String: Int] = [:]
    private var times = SortedTimes()

    init(namespace: String, service: String) {
        summary = ServiceSummary(
            namespace: namespace, service: service, name: ServiceSummary.name(of: service), version: ResourceVersion(0))
    }

    var isEmpty: Bool { times.isEmpty }

    mutating func add(_ profile: StoredObject, at version: ResourceVersion) {
        times.insert(profile.object.createdAt)
        count(profile, 1, version)
    }

    /// The same where ``seal(at:)`` follows before anything is read.
    mutating func load(_ profile: StoredObject) {
        times.append(profile.object.createdAt)
        count(profile, 1, summary.version)
    }

    /// Takes away what `add` was told of before.
    mutating func remove(_ profile: StoredObject, at version: ResourceVersion) {
        times.remove(profile.object.createdAt)
        count(profile, -1, version)
    }

    /// The whole of it as of `version`, after it was loaded.
    mutating func seal(at version: ResourceVersion) {
        times.sort()
        summary.firstSeen = times.first ?? 0
        summary.lastSeen = times.last ?? 0
        summary.version = version
    }

    /// Takes the last change back to be none: it said nothing new.
    mutating func keep(_ version: ResourceVersion) { summary.version = version }

    private mutating func count(_ profile: StoredObject, _ sign: Int, _ version: ResourceVersion) {
        let fields = profile.fields
        if Self.count(fields["spec.type"] ?? "", sign, in: &counts) || summary.counts.count != counts.count {
            summary.counts = counts.keys.sorted().map { ServiceSummary.TypeCount(type: $0, count: counts[$0] ?? 0) }
        } else if let place = summary.counts.firstIndex(where: { $0.type == fields["spec.type"] ?? "" }) {
            summary.counts[place].count += sign
        }
        var keysChanged = false
        for pair in profile.labels.pairs where !ProfileLabels.isOwn(pair.key) {
            if Self.count(pair.key, sign, in: &labelKeys) { keysChanged = true }
        }
        if keysChanged { summary.labelKeys = labelKeys.keys.sorted() }
        // Sizes are those of bodies; a sum that wraps around comes back when what made it goes.
        let size = fields[ProfileRecord.sizeField].flatMap { Int64($0) } ?? 0
        summary.bytes = sign > 0 ? summary.bytes &+ size : summary.bytes &- size
        summary.firstSeen = times.first ?? 0
        summary.lastSeen = times.last ?? 0
        summary.version = version
    }

    /// Whether a key came or went by it.
    private static func count(_ key: String, _ sign: Int, in counts: inout [String: Int]) -> Bool {
        let count = (counts[key] ?? 0) + sign
        let isNew = counts.updateValue(count, forKey: key) == nil
        if count <= 0 { counts[key] = nil }
        return isNew || count <= 0
    }
}

/// Times in order, equal ones as often as they came. They mostly come at the end and go at the beginning.
struct SortedTimes: Sendable, Equatable {
    private var values: [Int64] = []
    /// Values before this one are gone; they are cut off when they are most of all.
    private var head = 0

    var isEmpty: Bool { head == values.count }
    var first: Int64? { isEmpty ? nil : values[head] }
    var last: Int64? { isEmpty ? nil : values[values.count - 1] }

    mutating func insert(_ value: Int64) {
        if let last, value < last { values.insert(value, at: place(of: value)) } else { values.append(value) }
    }

    /// Adds a value whose place ``sort()`` finds: one by one, values in descending order would cost their square.
    mutating func append(_ value: Int64) { values.append(value) }

    /// Brings appended values into order.
    mutating func sort() { values[head...].sort() }

    /// Removes one of that value; nothing if there is none.
    mutating func remove(_ value: Int64) {
        let place = place(of: value)
        guard place < values.count, values[place] == value else { return }
        guard place == head else {
            values.remove(at: place)
            return
        }
        head += 1
        guard head > 64, head > values.count / 2 else { return }
        values.removeFirst(head)
        head = 0
    }

    /// The first one that is not before `value`.
    private func place(of value: Int64) -> Int {
        var low = head
        var high = values.count
        while low < high {
            let middle = low + (high - low) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
