internal import APIMachinery
internal import NIOCore

/// Finds the payloads of objects: in rows of the database, or in files beside it.
struct PayloadLookup: Sendable {
    private let connection: SQLiteConnection
    private let resources: ResourceIDs
    private let files: PayloadFiles
    private let rows, part: SQLiteStatement

    init(_ connection: SQLiteConnection, resources: ResourceIDs, files: PayloadFiles) throws(StoreError) {
        self.connection = connection
        self.resources = resources
        self.files = files
        let objects = "FROM objects o INDEXED BY objects_key"
        let byKey = "WHERE o.resource = ? AND o.namespace = ? AND o.name = ?"
        rows = try connection.prepare(
            """
            SELECT p.bytes \(objects) CROSS JOIN payloads p ON p.id BETWEEN o.id * \(PayloadParts.limit)
            AND o.id * \(PayloadParts.limit) + \(PayloadParts.limit - 1) \(byKey) ORDER BY p.id
            """)
        part = try connection.prepare(
            """
            SELECT p.id, f.name, f.bytes \(objects) LEFT JOIN payload_files f ON f.object = o.id
            LEFT JOIN payloads p ON p.id = o.id * \(PayloadParts.limit) + ? \(byKey)
            """)
    }

    /// A payload found: its file, or the first of its rows.
    enum Found {
        case file(OpenPayloadFile)
        case rows(first: ByteBuffer)
    }

    /// Looks for an object's payload; nil if there is none.
    func open(_ resource: String, _ key: ObjectKey) throws(StoreError) -> Found? {
        // The statement is reset last: until then the bytes are read from the state it was found in.
        defer { part.reset() }
        switch try place(resource, key, 0) {
        case .row(let row): return .rows(first: try read(row))
        case .file(let file):
            if let file = try files.open(file) { return .file(file) }
            // Either it was deleted just now, or it is missing.
            part.reset()
            guard try place(resource, key, 0) == .file(file) else { return nil }
            throw StoreError(
                .corrupt,
                "\(connection.path): the payload of \(key) is missing: payloads/\(file.name), \(file.bytes) bytes")
        case nil: return nil
        }
    }

    /// One part of a payload that is kept in rows; nil if there is no such part.
    func row(_ resource: String, _ key: ObjectKey, part number: Int) throws(StoreError) -> ByteBuffer? {
        guard (0..<PayloadParts.limit).contains(number) else { return nil }
        defer { part.reset() }
        guard case .row(let row) = try place(resource, key, number) else { return nil }
        return try read(row)
    }

    /// All of an object's payload; nil if there is none.
    func whole(_ resource: String, _ key: ObjectKey) throws(StoreError) -> [UInt8]? {
        guard let id = resources[resource] else { return nil }
        defer { rows.reset() }
        try rows.bind(.integer(id), .text(key.namespace), .text(key.name))
        guard try rows.step() else {
            guard case .file(let file) = try open(resource, key) else { return nil }
            return try file.readAll()
        }
        var bytes = rows.blob(0)
        while try rows.step() { bytes += rows.blob(0) }
        return bytes
    }

    /// The names of all files that have payloads.
    func fileNames() throws(StoreError) -> Set<String> {
        let statement = try connection.prepare("SELECT name FROM payload_files")
        var names: Set<String> = []
        while try statement.step() { names.insert(statement.text(0)) }
        return names
    }

    /// Where a part of a payload is.
    private enum Place: Equatable {
        case row(Int64)
        case file(PayloadFile)
    }

    /// Leaves `part` at its row.
    private func place(_ resource: String, _ key: ObjectKey, _ number: Int) throws(StoreError) -> Place? {
        guard let id = resources[resource] else { return nil }
        try part.bind(.integer(Int64(number)), .integer(id), .text(key.namespace), .text(key.name))
        guard try part.step() else { return nil }
        if !part.isNull(1) { return .file(PayloadFile(name: part.text(1), bytes: part.integer(2))) }
        return part.isNull(0) ? nil : .row(part.integer(0))
    }

    private func read(_ row: Int64) throws(StoreError) -> ByteBuffer {
        try connection.blob(table: "payloads", column: "bytes", row: row)
    }
}
