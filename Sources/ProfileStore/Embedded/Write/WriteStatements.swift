/// The writer's statements, compiled once.
struct WriteStatements: Sendable {
    let begin, commit: SQLiteStatement
    let setMeta, addResource, addCount: SQLiteStatement
    let find, findID, findByID, insert, update, remove: SQLiteStatement
    let keepHistory, setPayload, removePayload, setFile, findFile, removeFile, addTerm, removeTerm: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        let columns = ObjectRow.columns.joined(separator: ", ")
        let byKey = "objects INDEXED BY objects_key WHERE resource = ? AND namespace = ? AND name = ?"
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        setMeta = try connection.prepare("UPDATE meta SET value = ? WHERE key = ?")
        addResource = try connection.prepare("INSERT INTO resources (id, name) VALUES (?, ?)")
        addCount = try connection.prepare(
            """
            INSERT INTO counts (resource, namespace, objects) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET objects = objects + excluded.objects
            """)
        find = try connection.prepare("SELECT \(columns), id FROM \(byKey)")
        findID = try connection.prepare("SELECT id FROM \(byKey)")
        findByID = try connection.prepare("SELECT \(columns) FROM objects WHERE id = ?")
        insert = try connection.prepare(
            "INSERT INTO objects (\(columns), resource, range) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        let assignments = ObjectRow.columns.map { "\($0) = ?" }.joined(separator: ", ")
        update = try connection.prepare("UPDATE objects SET \(assignments), resource = ?, range = ? WHERE id = ?")
        remove = try connection.prepare("DELETE FROM objects WHERE id = ?")
        keepHistory = try connection.prepare(
            """
            INSERT INTO history (\(columns), resource, ended, ended_at)
            SELECT \(columns), resource, ?, ? FROM objects WHERE id = ?
            """)
        setPayload = try connection.prepare("INSERT OR REPLACE INTO payloads (id, bytes) VALUES (?, ?)")
        removePayload = try connection.prepare("DELETE FROM payloads WHERE id BETWEEN ? AND ?")
        setFile = try connection.prepare("INSERT OR REPLACE INTO payload_files (object, name, bytes) VALUES (?, ?, ?)")
        findFile = try connection.prepare("SELECT name FROM payload_files WHERE object = ?")
        removeFile = try connection.prepare("DELETE FROM payload_files WHERE object = ?")
        addTerm = try connection.prepare(
            "INSERT OR REPLACE INTO terms (term, namespace, name, object, range) VALUES (?, ?, ?, ?, ?)")
        removeTerm = try connection.prepare(
            "DELETE FROM terms WHERE term = ? AND namespace = ? AND name = ? AND object = ?")
    }
}
