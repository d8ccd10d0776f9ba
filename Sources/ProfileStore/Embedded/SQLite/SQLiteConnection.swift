internal import CSQLite
internal import Glibc
internal import NIOCore

/// One connection to a database file. Used by one thread at a time: the writer's queue or the reader that holds it.
///
/// `@unchecked Sendable`: it wraps a C pointer that is handed from thread to thread, never shared (SQLITE_OPEN_NOMUTEX).
final class SQLiteConnection: @unchecked Sendable {  // C wrapper: one job at a time has it
    private var handle: OpaquePointer?
    let path: String
    /// Statements that were compiled before, by their text.
    private var compiled: [String: SQLiteStatement] = [:]

    /// Opens the file; `writable` also makes it if it is missing.
    init(path: String, writable: Bool) throws(StoreError) {
        self.path = path
        let access = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE
        let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK else {
            // The handle is there even on failure; it carries the message and must be closed.
            let error = failure(code, "opening")
            sqlite3_close_v2(handle)
            handle = nil
            throw error
        }
        sqlite3_busy_timeout(handle, Self.patience)
    }

    /// Milliseconds that a statement waits for another connection's lock.
    private static let patience: Int32 = 5000

    deinit {
        close()
    }

    /// Closes the file. Statements that still live keep it open until they are gone.
    func close() {
        compiled = [:]
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Whether a transaction is open.
    var isInTransaction: Bool { handle != nil && sqlite3_get_autocommit(handle) == 0 }

    /// The row id of the last insertion.
    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs statements that return nothing of interest.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw failure(code, sql) }
    }

    /// Compiles one statement, to be kept by the caller.
    func prepare(_ sql: String) throws(StoreError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code, sql) }
        return SQLiteStatement(connection: self, statement: statement)
    }

    /// A statement by its text, compiled once while the connection remembers it.
    func statement(_ sql: String) throws(StoreError) -> SQLiteStatement {
        if let statement = compiled[sql] { return statement }
        let statement = try prepare(sql)
        // Texts vary with the shape of selectors, which come from outside; who still uses a statement keeps it.
        if compiled.count >= 64 { compiled = [:] }
        compiled[sql] = statement
        return statement
    }

    /// The first column of the first row, nil without a row.
    func integer(_ sql: String) throws(StoreError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of the first row as text, nil without a row.
    func text(_ sql: String) throws(StoreError) -> String? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.text(0) : nil
    }

    /// The bytes of a column, copied once: a statement would gather them in memory of its own first.
    func blob(table: String, column: String, row: Int64) throws(StoreError) -> ByteBuffer {
        var blob: OpaquePointer?
        let opened = sqlite3_blob_open(handle, "main", table, column, row, 0, &blob)
        // Open, it would keep the log from being written back.
        defer { sqlite3_blob_close(blob) }
        guard opened == SQLITE_OK else { throw failure(opened, "opening \(table).\(column) of row \(row)") }
        let count = sqlite3_blob_bytes(blob)
        var code = SQLITE_OK
        var buffer = ByteBufferAllocator().buffer(capacity: Int(count))
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(count)) { target in
            code = sqlite3_blob_read(blob, target.baseAddress, count, 0)
            return code == SQLITE_OK ? Int(count) : 0
        }
        guard code == SQLITE_OK else { throw failure(code, "reading \(table).\(column) of row \(row)") }
        return buffer
    }

    /// Runs `body` with statements that fail at once where they would wait for another connection.
    func withoutWaiting(_ body: () -> Void) {
        sqlite3_busy_timeout(handle, 0)
        body()
        sqlite3_busy_timeout(handle, Self.patience)
    }

    /// Ends the open transaction, if any, undoing it.
    func rollback() {
        if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
    }

    /// Gives back memory that SQLite only keeps in case.
    func releaseMemory() {
        sqlite3_db_release_memory(handle)
    }

    /// What a result code of this connection means.
    func failure(_ code: Int32, _ doing: String) -> StoreError {
        let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "closed"
        let systemError = handle.map { sqlite3_system_errno($0) } ?? 0
        return SQLiteFailure(code: code, systemError: systemError, message: text, doing: doing, path: path).storeError
    }
}
