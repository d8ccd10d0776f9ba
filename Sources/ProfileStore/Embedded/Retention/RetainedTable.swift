/// The tables `retained` and `usage`, on the writer's connection.
struct RetainedTable: Sendable {
    private let insert, find, update, remove, oldest, oldestInNamespace, due, walk, addUsage, uncounted,
        setCounted: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StoreError) {
        let columns = "object, namespace, class, stored_at, bytes, held, expires_at"
        insert = try connection.prepare("INSERT OR REPLACE INTO retained (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)")
        find = try connection.prepare("SELECT \(columns) FROM retained WHERE object = ?")
        update = try connection.prepare(
            "UPDATE retained SET class = ?, bytes = ?, held = ?, expires_at = ? WHERE object = ?")
        remove = try connection.prepare("DELETE FROM retained WHERE object = ?")
        oldest = try connection.prepare(
            "SELECT object FROM retained INDEXED BY retained_order WHERE held = 0 ORDER BY object LIMIT 1")
        oldestInNamespace = try connection.prepare(
            """
            SELECT object FROM retained INDEXED BY retained_namespace
            WHERE held = 0 AND namespace = ? ORDER BY object LIMIT 1
            """)
        due = try connection.prepare(
            """
            SELECT \(columns) FROM retained INDEXED BY retained_due
            WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?
            """)
        walk = try connection.prepare("SELECT \(columns) FROM retained WHERE object > ? ORDER BY object LIMIT ?")
        addUsage = try connection.prepare(
            """
            INSERT INTO usage (namespace, class, objects, bytes, held_bytes) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
            SET objects = objects + excluded.objects, bytes = bytes + excluded.bytes,
            held_bytes = held_bytes + excluded.held_bytes
            """)
        uncounted = try connection.prepare(
            """
            SELECT \(ObjectRow.selection("o")), o.id,
            (SELECT sum(length(p.bytes)) FROM payloads p WHERE p.id BETWEEN o.id * \(PayloadParts.limit)
            AND o.id * \(PayloadParts.limit) + \(PayloadParts.limit - 1)),
            (SELECT object FROM retained r WHERE r.object = o.id), o.resource
            FROM objects o WHERE o.id > ? ORDER BY o.id LIMIT ?
            """)
        setCounted = try connection.prepare("UPDATE meta SET value = ? WHERE key = 'counted'")
    }

    func insert(_ row: RetainedRow) throws(StoreError) {
        try insert.run(
            .integer(row.object), .text(row.namespace), .text(row.class), .integer(row.storedAt), .integer(row.bytes),
            .integer(row.hold.rawValue), row.expiresAt.map(SQLiteValue.integer) ?? .null)
    }

    func row(of object: Int64) throws(StoreError) -> RetainedRow? {
        defer { find.reset() }
        try find.bind(.integer(object))
        return try find.step() ? Self.read(find) : nil
    }

    func update(_ row: RetainedRow) throws(StoreError) {
        try update.run(
            .text(row.class), .integer(row.bytes), .integer(row.hold.rawValue),
            row.expiresAt.map(SQLiteValue.integer) ?? .null, .integer(row.object))
    }

    func remove(_ object: Int64) throws(StoreError) { try remove.run(.integer(object)) }

    /// The object that was taken in first of those that may be removed, of all or of one namespace.
    func oldest(in namespace: String?) throws(StoreError) -> Int64? {
        let statement = namespace == nil ? oldest : oldestInNamespace
        defer { statement.reset() }
        try statement.bind(namespace.map { [.text($0)] } ?? [])
        return try statement.step() ? statement.integer(0) : nil
    }

    /// Those whose time has come, the first to go first.
    func due(at now: Int64, limit: Int) throws(StoreError) -> [RetainedRow] {
        try rows(due, .integer(now), .integer(Int64(limit)))
    }

    /// The rows behind an object.
    func rows(after object: Int64, limit: Int) throws(StoreError) -> [RetainedRow] {
        try rows(walk, .integer(object), .integer(Int64(limit)))
    }

    private func rows(_ statement: SQLiteStatement, _ values: SQLiteValue...) throws(StoreError) -> [RetainedRow] {
        defer { statement.reset() }
        try statement.bind(values)
        var rows: [RetainedRow] = []
        while try statement.step() { rows.append(Self.read(statement)) }
        return rows
    }

    func add(_ usage: StoreUsage, namespace: String, class: String) throws(StoreError) {
        try addUsage.run(
            .text(namespace), .text(`class`), .integer(usage.objects), .integer(usage.bytes),
            .integer(usage.heldBytes))
    }

    // MARK: files of before

    /// An object as a release before retention left it.
    struct Uncounted {
        let id: Int64
        let state: StoredObject
        let payloadBytes: Int64
        /// Whether it is of the retained resource and not counted.
        let isToBeCounted: Bool
    }

    /// The objects behind `object`, whether they are counted or not.
    func objects(
        after object: Int64, limit: Int, _ resource: (name: String, id: Int64)
    ) throws(StoreError) -> [Uncounted] {
        defer { uncounted.reset() }
        try uncounted.bind(.integer(object), .integer(Int64(limit)))
        var found: [Uncounted] = []
        let base = Int32(ObjectRow.columns.count)
        while try uncounted.step() {
            found.append(
                Uncounted(
                    id: uncounted.integer(base), state: ObjectRow.read(uncounted, resource: resource.name),
                    payloadBytes: uncounted.integer(base + 1),
                    isToBeCounted: uncounted.isNull(base + 2) && uncounted.integer(base + 3) == resource.id))
        }
        return found
    }

    /// Notes up to which object all are counted.
    func setCounted(_ object: Int64) throws(StoreError) { try setCounted.run(.integer(object)) }

    private static func read(_ row: SQLiteStatement) -> RetainedRow {
        RetainedRow(
            object: row.integer(0), namespace: row.text(1), class: row.text(2), storedAt: row.integer(3),
            bytes: row.integer(4), hold: RetainedRow.Hold(rawValue: row.integer(5)) ?? .free,
            expiresAt: row.isNull(6) ? nil : row.integer(6))
    }
}
