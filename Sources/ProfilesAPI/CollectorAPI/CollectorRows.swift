internal import APIMachinery
internal import ProfefeCollector
internal import ProfileStore

/// Stored profiles as profefe's API tells of them, one behind the other.
struct CollectorRows: Sendable {
    struct Row: Sendable {
        let key: ObjectKey
        /// When it was taken, to the nanosecond.
        let time: Timestamp
        /// Where it is among all.
        fileprivate let json: Range<Int>
    }

    private(set) var rows: [Row] = []
    private var bytes: [UInt8] = []

    /// The rows of all of them, one behind the other.
    init(_ parts: [CollectorRows] = []) {
        if let first = parts.first { self = first }
        for part in parts.dropFirst() { append(part) }
    }

    var isEmpty: Bool { rows.isEmpty }
    var count: Int { rows.count }
    var keys: [ObjectKey] { rows.map(\.key) }

    /// About the bytes that all of them take.
    var size: Int { bytes.count + rows.count }

    /// The JSON of a row.
    func json(_ row: Row) -> ArraySlice<UInt8> { bytes[row.json] }

    /// Tells of one more.
    ///
    /// - Parameter search: what it must be wanted by; without it all are.
    /// - Returns: whether it is told of.
    @discardableResult
    mutating func append(
        _ key: ObjectKey, _ spec: CollectorSpec, at time: Timestamp, type: ProfileType, _ search: CollectorFind? = nil
    ) -> Bool {
        let start = bytes.count
        let isPlain = type != .allocs && search?.labels.labels.isEmpty ?? true && spec.isAgents
        var labels: [UInt8]?
        if !isPlain {
            guard let all = spec.labels(type, namespace: key.namespace) else { return false }
            if let search, !all.includes(search.labels) { return false }
            labels = Self.encode(all)
        }
        spec.write(type, labels: labels, to: &bytes)
        rows.append(Row(key: key, time: time, json: start..<bytes.count))
        return true
    }

    /// Turns their order round.
    mutating func reverse() { rows.reverse() }

    /// Both, the oldest first, of them the newest so many; nil for all. Each of the two is in that order.
    func joined(_ others: CollectorRows, newest limit: Int?) -> CollectorRows {
        if others.isEmpty { return self }
        if isEmpty { return others }
        var all = CollectorRows([self, others])
        // Two runs in order: one comparison a row.
        all.rows.sort(by: Self.isBefore)
        if let limit, all.count > limit { all.rows.removeFirst(all.count - limit) }
        return all
    }

    private mutating func append(_ others: CollectorRows) {
        let offset = bytes.count
        bytes += others.bytes
        for row in others.rows {
            let json = (row.json.lowerBound + offset)..<(row.json.upperBound + offset)
            rows.append(Row(key: row.key, time: row.time, json: json))
        }
    }

    /// Oldest first; of those at one time the name decides.
    private static func isBefore(_ left: Row, _ right: Row) -> Bool {
        left.time == right.time ? left.key.name < right.key.name : left.time < right.time
    }

    private static func encode(_ labels: CollectorLabels) -> [UInt8] {
        guard !labels.labels.isEmpty else { return [] }
        var writer = JSONWriter(capacity: 256)
        writer.array { writer in
            for label in labels.labels {
                writer.object { writer in
                    writer.field("key", label.key)
                    writer.field("value", label.value)
                }
            }
        }
        return writer.bytes
    }
}

extension CollectorFind {
    /// Whether a profile of that type is wanted.
    func wants(_ type: ProfileType) -> Bool { self.type == nil || type.collectorType == self.type }
}
