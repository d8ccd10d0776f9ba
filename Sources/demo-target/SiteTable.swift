import NIOConcurrencyHelpers

/// Counts by call stack: a row of numbers per place, only ever added to.
struct SiteCounts: Sendable, Equatable {
    private(set) var rows: [Stack: [Int64]] = [:]

    mutating func add(_ stack: Stack, _ values: [Int64]) {
        guard var row = rows[stack] else {
            rows[stack] = values
            return
        }
        for (index, value) in values.enumerated() where row.indices.contains(index) { row[index] &+= value }
        rows[stack] = row
    }

    /// What came to `earlier` meanwhile; places where nothing did are left out.
    func since(_ earlier: SiteCounts) -> SiteCounts {
        var result = SiteCounts()
        for (stack, row) in rows {
            let before = earlier.rows[stack] ?? []
            let change = row.enumerated().map { before.indices.contains($0) ? $1 &- before[$0] : $1 }
            if change.contains(where: { $0 != 0 }) { result.rows[stack] = change }
        }
        return result
    }
}

/// Counts that many threads add to.
final class SiteTable: Sendable {
    private let counts = NIOLockedValueBox(SiteCounts())

    func add(_ stack: Stack, _ values: [Int64]) { counts.withLockedValue { $0.add(stack, values) } }

    var snapshot: SiteCounts { counts.withLockedValue { $0 } }
}
