/// From the ids of locations, functions or mappings to their rows; every id unique and not 0.
///
/// Ids are usually 1, 2, 3 …: then there is no table at all. Else an array if that isn't much larger than the rows, else a
/// dictionary (whose hashing is seeded, so chosen ids don't slow it).
enum IDTable {
    case sequential(count: UInt64)
    case dense([UInt32])
    case sparse([UInt64: UInt32])

    /// Marks an id without a row in a dense table; there are never so many rows.
    private static let none = UInt32.max

    /// What is wrong with a set of ids, and in which row.
    struct Fault: Error {
        let code: PprofError.Code
        let row: Int
        let message: String
    }

    init(_ ids: [UInt64]) throws(Fault) {
        var next: UInt64 = 1
        var highest: UInt64 = 0
        var isSequential = true
        for (row, id) in ids.enumerated() {
            if id == 0 { throw Fault(code: .zeroID, row: row, message: "the id is 0, which is reserved for none") }
            if id != next { isSequential = false }
            next &+= 1
            if id > highest { highest = id }
        }
        if isSequential {
            self = .sequential(count: UInt64(ids.count))
        } else if highest <= UInt64(ids.count) * 4 + 1024 {
            self = .dense(try Self.dense(ids, highest: Int(truncatingIfNeeded: highest)))
        } else {
            self = .sparse(try Self.sparse(ids))
        }
    }

    private static func dense(_ ids: [UInt64], highest: Int) throws(Fault) -> [UInt32] {
        var rows = [UInt32](repeating: none, count: highest + 1)
        for (row, id) in ids.enumerated() {
            let slot = Int(truncatingIfNeeded: id)
            guard rows[slot] == none else { throw duplicate(id, row: row, first: rows[slot]) }
            rows[slot] = UInt32(truncatingIfNeeded: row)
        }
        return rows
    }

    private static func sparse(_ ids: [UInt64]) throws(Fault) -> [UInt64: UInt32] {
        var rows: [UInt64: UInt32] = [:]
        rows.reserveCapacity(ids.count)
        for (row, id) in ids.enumerated() {
            if let first = rows.updateValue(UInt32(truncatingIfNeeded: row), forKey: id) {
                throw duplicate(id, row: row, first: first)
            }
        }
        return rows
    }

    private static func duplicate(_ id: UInt64, row: Int, first: UInt32) -> Fault {
        Fault(code: .duplicateID, row: row, message: "id \(id) is taken already by number \(first)")
    }

    /// The row of `id`; nil if there is none.
    @inline(__always)
    func row(of id: UInt64) -> UInt32? {
        switch self {
        case .sequential(let count):
            return id &- 1 < count ? UInt32(truncatingIfNeeded: id &- 1) : nil
        case .dense(let rows):
            guard id < UInt64(rows.count) else { return nil }
            let row = rows[Int(truncatingIfNeeded: id)]
            return row == Self.none ? nil : row
        case .sparse(let rows):
            return rows[id]
        }
    }
}
