import APIMachinery
import ProfileStore

/// What a collector keeps, found as its storage finds it, with the storage's faults.
///
/// Source: profefe `pkg/storage/badger/storage.go`, `pkg/storage/s3/storage.go`.
struct FakeCollectorStorage: Sendable {
    /// A question, parsed.
    struct Query {
        var service: String
        /// Nil for all types.
        var type: String?
        var labels: [(key: String, value: String)] = []
        /// Nanoseconds, both inclusive.
        var from: Int64
        var to: Int64
        var limit: Int
    }

    private struct Stream: Hashable {
        let service: String
        let type: String
    }

    let kind: FakeCollector.Storage
    /// By stream, in the order of the storage's keys.
    private var streams: [Stream: [FakeCollectorRow]] = [:]
    private var byXID: [String: FakeCollectorRow] = [:]

    init(_ kind: FakeCollector.Storage) { self.kind = kind }

    var count: Int { byXID.count }
    var rows: [FakeCollectorRow] { byXID.values.sorted { $0.xid < $1.xid } }

    /// Sorted; those without a profile are forgotten.
    var services: [String] { Set(streams.lazy.filter { !$0.value.isEmpty }.map(\.key.service)).sorted() }

    // MARK: writes

    /// Keeps a profile. What S3 can't read back out of the key it has made is kept and never listed.
    mutating func add(
        service: String, type: String, labels: [(key: String, value: String)], createdAt: Int64, bytes: [UInt8],
        now: Int64
    ) -> FakeCollectorRow {
        switch kind {
        case .badger:
            let xid = ProfileID.make(at: now)
            let row = FakeCollectorRow(
                id: xid, xid: xid, service: service, type: type, labels: labels, createdAt: createdAt, bytes: bytes)
            insert(row)
            return row
        case .s3:
            let second = createdAt.quotientAndRemainder(dividingBy: 1_000_000_000).quotient
            let xid = ProfileID.make(at: second)
            let keyed = Self.keyed(service)
            let tail = labels.isEmpty ? "" : "," + FakeCollectorLabels.text(labels)
            let id = "P0.\(keyed)/\(FakeCollectorTypes.number(type) ?? 0)/\(xid)\(tail)"
            if let listed = FakeCollectorLabels.parse(FakeCollectorLabels.text(labels)) {
                insert(
                    FakeCollectorRow(
                        id: id, xid: xid, service: keyed, type: type, labels: listed, createdAt: second * 1_000_000_000,
                        bytes: bytes))
            }
            // The answer to a write tells what was sent.
            return FakeCollectorRow(
                id: id, xid: xid, service: service, type: type, labels: labels, createdAt: createdAt, bytes: bytes)
        }
    }

    private mutating func insert(_ row: FakeCollectorRow) {
        byXID[row.xid] = row
        let key = Stream(service: row.service, type: row.type)
        var rows = streams.removeValue(forKey: key) ?? []
        var place = rows.count
        while place > 0, isBefore(row, rows[place - 1]) { place -= 1 }
        rows.insert(row, at: place)
        streams[key] = rows
    }

    private func isBefore(_ left: FakeCollectorRow, _ right: FakeCollectorRow) -> Bool {
        kind == .badger ? (left.createdAt, left.xid) < (right.createdAt, right.xid) : left.xid < right.xid
    }

    /// Its time is over.
    mutating func remove(where isOver: (FakeCollectorRow) -> Bool) {
        for key in streams.keys { streams[key]?.removeAll(where: isOver) }
        for (xid, row) in byXID where isOver(row) { byXID[xid] = nil }
    }

    // MARK: reads

    /// The profile whose id begins so on badger, has this id on S3.
    func profile(_ id: String) -> FakeCollectorRow? {
        switch kind {
        case .badger: byXID[id] ?? rows.first { $0.xid.hasPrefix(id) }
        case .s3: byXID.values.first { $0.id == id }
        }
    }

    /// By second, as a search answers.
    func find(_ query: Query) -> [FakeCollectorRow] {
        let found = kind == .badger ? findInBadger(query) : findInS3(query)
        return found.enumerated().sorted { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }
            .map(\.element)
    }

    private func streams(_ query: Query) -> [[FakeCollectorRow]] {
        let service = kind == .s3 ? Self.keyed(query.service) : query.service
        if let type = query.type { return [streams[Stream(service: service, type: type)] ?? []] }
        return FakeCollectorTypes.numbers.compactMap { streams[Stream(service: service, type: $0.key)] }
    }

    /// A service as keys of S3 have it.
    private static func keyed(_ service: String) -> String {
        service.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "__")
    }

    private func findInBadger(_ query: Query) -> [FakeCollectorRow] {
        let all = streams(query).joined().filter { (query.from...query.to).contains($0.createdAt) }
            .sorted { isBefore($0, $1) }
        var found = all
        for label in query.labels {
            found = Self.join(
                found, all.filter { $0.labels.contains { $0.key == label.key && $0.value == label.value } })
        }
        return query.limit > 0 ? Array(found.suffix(query.limit)) : found
    }

    /// Joins two lists as if they were in the order of ids; they are in that of times, so rows get lost.
    private static func join(_ left: [FakeCollectorRow], _ right: [FakeCollectorRow]) -> [FakeCollectorRow] {
        var joined: [FakeCollectorRow] = []
        var (l, r) = (0, 0)
        while l < left.count, r < right.count {
            if left[l].xid == right[r].xid {
                joined.append(left[l])
                l += 1
                r += 1
            } else if left[l].xid > right[r].xid {
                r += 1
            } else {
                l += 1
            }
        }
        return joined
    }

    /// Goes through the keys, type by type, until one is behind the time: types after it are never seen.
    private func findInS3(_ query: Query) -> [FakeCollectorRow] {
        let limit = query.limit == 0 ? 100 : query.limit
        var found: [FakeCollectorRow] = []
        for row in streams(query).joined() {
            if row.createdAt < query.from { continue }
            if row.createdAt > query.to { break }
            let isMatching = query.labels.allSatisfy { wanted in
                row.labels.last { $0.key == wanted.key }?.value == wanted.value
            }
            if isMatching { found.append(row) }
            if found.count >= limit { break }
        }
        return found
    }
}
