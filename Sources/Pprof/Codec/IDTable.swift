/// From the ids of locations, functions or mappings to their rows; every id unique and not 0.
///
/// Ids are usually 1, 2, 3 …: then there is no table at all. Else an array if that isn't much larger than the rows, else a
/// dictionary (whose hashing is seeded, so chosen ids don't slow it).
struct IDTable {
    /// The ids 1 to this number are rows 0 and up; 0 if there is another table.
    let sequential: UInt64
    private let dense: [UInt32]
    private let sparse: [UInt64: UInt32]

    /// Marks an id without a row in the dense table; there are never so many rows.
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
        let isDense = highest <= UInt64(ids.count) * 4 + 1024
        sequential = isSequential ? UInt64(ids.count) : 0
        dense = !isSequential && isDense ? try Self.dense(ids, highest: Int(truncatingIfNeeded: highest)) : []
        sparse = !isSequential && !isDense ? try Self.sparse(ids) : [:]
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
        if id &- 1 < sequential { return UInt32(truncatingIfNeeded: id &- 1) }
        return lookUp(id)
    }

    private func lookUp(_ id: UInt64) -> UInt32? {
        guard id < UInt64(dense.count) else { return sparse[id] }
        let row = dense[Int(truncatingIfNeeded: id)]
        return row == Self.none ? nil : row
    }
}
