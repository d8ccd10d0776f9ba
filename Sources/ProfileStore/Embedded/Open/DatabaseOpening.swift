internal import APIMachinery
internal import Glibc

/// Opens the connections of a store: checks, pragmas, schema.
enum DatabaseOpening {
    /// Bytes per page: about ten objects. A list of them and a payload of megabytes take half as many reads as with 8192, for a third
    /// more log per commit; 32768 would be as much again for twice the log. A store that is there keeps its own.
    private static let pageSize = 16_384
    /// Pages in the log after which it is written back, by the commit that fills it: 16 MB. Never by another connection: where one
    /// writes the log back while another commits, SQLite before 3.51.3 may lose pages (sqlite.org/wal.html, "The WAL-Reset Bug"), and
    /// Debian 12 has 3.40.
    private static let logPages = 1000

    /// The connection that writes: the first to be opened. Makes and migrates the schema.
    static func writer(
        _ directory: StoreDirectory, _ configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) -> SQLiteConnection {
        let connection = try SQLiteConnection(path: directory.databasePath, writable: true)
        // Both count only before the first table is made.
        try connection.execute("PRAGMA page_size = \(pageSize); PRAGMA auto_vacuum = INCREMENTAL")
        guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
            throw StoreError(.configuration, "\(directory.path): its file system can't keep a write-ahead log")
        }
        try setUp(connection, configuration)
        try connection.execute(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = \(logPages); PRAGMA journal_size_limit = 67108864")
        try check(connection, directory, configuration)
        try StoreSchema.migrate(connection)
        try MirrorMark.settle(connection, configuration)
        try TimelineTable.fill(connection)
        return connection
    }

    /// A connection that only reads.
    static func reader(
        _ directory: StoreDirectory, _ configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) -> SQLiteConnection {
        let connection = try SQLiteConnection(path: directory.databasePath, writable: false)
        try setUp(connection, configuration)
        try connection.execute("PRAGMA query_only = ON")
        return connection
    }

    private static func setUp(
        _ connection: SQLiteConnection, _ configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) {
        let kibibytes = max(64, configuration.pageCacheBytes / 1024)
        try connection.execute(
            """
            PRAGMA cache_size = -\(kibibytes); PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;
            PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON
            """)
    }

    /// A small file is checked whole; of a larger one SQLite looks at header, length and schema by itself.
    private static func check(
        _ connection: SQLiteConnection, _ directory: StoreDirectory, _ configuration: EmbeddedStoreConfiguration
    ) throws(StoreError) {
        guard directory.databaseBytes <= configuration.fullCheckBytes else { return }
        let verdict = try connection.text("PRAGMA quick_check(1)") ?? "no answer"
        guard verdict == "ok" else {
            throw StoreError(
                .corrupt, "\(directory.databasePath): the database is damaged: \(verdict); the file is left as it is")
        }
    }

    /// A number of the table `meta`; its absence is damage.
    static func meta(_ key: String, _ connection: SQLiteConnection) throws(StoreError) -> Int64 {
        guard let value = try connection.integer("SELECT value FROM meta WHERE key = '\(key)'") else {
            throw StoreError(.corrupt, "\(connection.path): meta has no '\(key)'")
        }
        return value
    }
}
