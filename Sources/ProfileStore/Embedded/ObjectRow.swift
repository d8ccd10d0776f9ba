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

    /// What of a row is read.
    struct Parts {
        var encoded = EncodedObject.Parts.all
        /// Uid, labels and fields; empty if not.
        var index = true
    }

    /// The state in the current row of a statement whose first columns are `columns`.
    static func read(_ row: SQLiteStatement, resource: String, _ parts: Parts = Parts()) -> StoredObject {
        let object = encoded(row, parts.encoded)
        let key = ObjectKey(namespace: row.text(0), name: row.text(1))
        guard parts.index else {
            let none = PackedPairs(bytes: [])
            return StoredObject(resource: resource, key: key, uid: "", labels: none, fields: none, object: object)
        }
        return StoredObject(
            resource: resource, key: key, uid: row.text(2), labels: PackedPairs(bytes: row.blob(7)),
            fields: PackedPairs(bytes: row.blob(8)), object: object)
    }

    private static func encoded(_ row: SQLiteStatement, _ parts: EncodedObject.Parts) -> EncodedObject {
        let start = max(0, Int(clamping: row.integer(5)))
        var metadata = start..<max(start, Int(clamping: row.integer(6)))
        var json: [UInt8]
        if parts.contains(.json) {
            json = row.blob(10)
        } else {
            json = row.blob(10, metadata)
            metadata = 0..<json.count
        }
        return EncodedObject(
            json: json, metadata: metadata, cells: parts.contains(.cells) ? row.blob(9) : [],
            createdAt: row.integer(4), resourceVersion: version(row.integer(3)))
    }

    /// A version as it lies in the file.
    static func version(_ number: Int64) -> ResourceVersion { ResourceVersion(UInt64(clamping: number)) }

    /// A version for the file.
    static func number(_ version: ResourceVersion) -> Int64 { Int64(clamping: version.rawValue) }
}
