internal import APIMachinery

/// The table `timeline`, on the writer's connection: the objects of each service by their moments.
struct TimelineTable: Sendable {
    private let insert, remove: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        insert = try connection.prepare(
            """
            INSERT OR REPLACE INTO timeline (resource, namespace, service, type, seconds, nanoseconds, name, object)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        remove = try connection.prepare(
            """
            DELETE FROM timeline WHERE resource = ? AND namespace = ? AND service = ? AND seconds = ? AND nanoseconds = ?
            AND name = ? AND object = ?
            """)
    }

    func add(_ entry: TimelineEntry, _ key: ObjectKey, _ resource: Int64, _ id: Int64) throws(StoreError) {
        try insert.run(
            .integer(resource), .text(key.namespace), .text(entry.service), .text(entry.type),
            .integer(entry.moment.seconds), .integer(Int64(entry.moment.nanoseconds)), .text(key.name), .integer(id))
    }

    func remove(_ entry: TimelineEntry, _ key: ObjectKey, _ resource: Int64, _ id: Int64) throws(StoreError) {
        try remove.run(
            .integer(resource), .text(key.namespace), .text(entry.service), .integer(entry.moment.seconds),
            .integer(Int64(entry.moment.nanoseconds)), .text(key.name), .integer(id))
    }

    /// Enters the objects that a release before the table has left, once: `meta` says up to which that is done (`timed`, -1: all).
    ///
    /// Some ten microseconds an object, in commits of some thousand: a store that is stopped meanwhile goes on where it was.
    static func fill(_ connection: SQLiteConnection) throws(StoreError) {
        var done = try DatabaseOpening.meta("timed", connection)
        guard done >= 0 else { return }
        let table = try TimelineTable(connection)
        let next = try connection.prepare(
            "SELECT \(ObjectRow.selection("o")), o.id, o.resource FROM objects o WHERE o.id > ? ORDER BY o.id LIMIT \(step)"
        )
        let note = try connection.prepare("UPDATE meta SET value = ? WHERE key = 'timed'")
        while done >= 0 {
            do throws(StoreError) {
                try connection.execute("BEGIN IMMEDIATE")
                let last = try table.enter(next, after: done)
                try note.run(.integer(last ?? -1))
                try connection.execute("COMMIT")
                done = last ?? -1
            } catch {
                next.reset()
                connection.rollback()
                throw error
            }
        }
    }

    /// Objects that are entered in one commit.
    private static let step = 5000

    /// Enters the next objects of a statement.
    ///
    /// - Returns: the id of the last one, nil without any.
    private func enter(_ objects: SQLiteStatement, after id: Int64) throws(StoreError) -> Int64? {
        defer { objects.reset() }
        try objects.bind(.integer(id))
        let columns = Int32(ObjectRow.columns.count)
        var last: Int64?
        while try objects.step() {
            let (id, resource) = (objects.integer(columns), objects.integer(columns + 1))
            // The name of the resource doesn't matter here.
            let object = ObjectRow.read(objects, resource: "")
            if let entry = TimelineEntry(object) { try add(entry, object.key, resource, id) }
            last = id
        }
        return last
    }
}
