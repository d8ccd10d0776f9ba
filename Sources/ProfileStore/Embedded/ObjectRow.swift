internal import APIMachinery

/// How an object's state lies in a row of `objects` and of `history`.
enum ObjectRow {
    /// The columns that make a `StoredObject`, in the order that `read` expects.
    static let columns = [
        "namespace", "name", "uid", "version", "created", "metadata_start", "metadata_end", "labels", "fields", "cells",
        "json",
    ]

    /// The columns for a SELECT, of the table of that alias.
    static func selection(_ alias: String) -> String {
        columns.map { "\(alias).\($0)" }.joined(separator: ", ")
    }

    /// The state in the current row of a statement whose first columns are `columns`.
    static func read(_ row: SQLiteStatement, resource: String) -> StoredObject {
        let json = row.blob(10)
        let start = Int(clamping: row.integer(5))
        let object = EncodedObject(
            json: json, metadata: start..<max(start, Int(clamping: row.integer(6))), cells: row.blob(9),
            createdAt: row.integer(4), resourceVersion: version(row.integer(3)))
        return StoredObject(
            resource: resource, key: ObjectKey(namespace: row.text(0), name: row.text(1)), uid: row.text(2),
            labels: PackedPairs(bytes: row.blob(7)), fields: PackedPairs(bytes: row.blob(8)), object: object)
    }

    /// A version as it lies in the file.
    static func version(_ number: Int64) -> ResourceVersion { ResourceVersion(UInt64(clamping: number)) }

    /// A version for the file.
    static func number(_ version: ResourceVersion) -> Int64 { Int64(clamping: version.rawValue) }
}
