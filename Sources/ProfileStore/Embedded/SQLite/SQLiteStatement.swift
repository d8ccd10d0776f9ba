internal import CSQLite

/// A compiled statement of one connection. Parameters and columns count from 0.
///
/// `@unchecked Sendable`: it wraps a C pointer and goes from thread to thread with its connection.
final class SQLiteStatement: @unchecked Sendable {  // C wrapper: goes with its connection
    private unowned let connection: SQLiteConnection
    private let statement: OpaquePointer
    /// SQLITE_TRANSIENT, a cast that Swift doesn't import: SQLite copies the bytes before the call returns.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(connection: SQLiteConnection, statement: OpaquePointer) {
        self.connection = connection
        self.statement = statement
    }

    deinit {
        sqlite3_finalize(statement)
    }

    /// Binds all parameters in order, after a reset.
    func bind(_ values: SQLiteValue...) throws(StoreError) {
        try bind(values)
    }

    /// Binds all parameters in order, after a reset.
    func bind(_ values: [SQLiteValue]) throws(StoreError) {
        sqlite3_reset(statement)
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = bind(value, at: index)
            if code != SQLITE_OK { throw connection.failure(code, "binding parameter \(index)") }
        }
    }

    private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
        switch value {
        case .null:
            return sqlite3_bind_null(statement, index)
        case .integer(let number):
            return sqlite3_bind_int64(statement, index, number)
        case .text(let text):
            var text = text
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty buffer may have no address, and no address means NULL.
                    characters.isEmpty
                        ? sqlite3_bind_text(statement, index, "", 0, Self.copied)
                        : sqlite3_bind_text64(
                            statement, index, characters.baseAddress, UInt64(characters.count), Self.copied,
                            UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { bytes in
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob64(statement, index, bytes.baseAddress, UInt64(bytes.count), Self.copied)
            }
        }
    }

    /// Goes to the next row; false at the end.
    func step() throws(StoreError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.failure(code, String(cString: sqlite3_sql(statement)))
        }
    }

    /// Runs a statement that has no rows, and frees what it holds.
    func run(_ values: SQLiteValue...) throws(StoreError) {
        try run(values)
    }

    /// Runs a statement that has no rows, and frees what it holds.
    func run(_ values: [SQLiteValue]) throws(StoreError) {
        defer { reset() }
        try bind(values)
        _ = try step()
    }

    /// Ends the statement's read, keeping it for another use.
    func reset() {
        sqlite3_reset(statement)
    }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func text(_ column: Int32) -> String {
        // As a blob: `sqlite3_column_text` makes a copy that ends with NUL. The file's encoding is UTF-8.
        String(decoding: bytes(column), as: UTF8.self)
    }

    func blob(_ column: Int32) -> [UInt8] { [UInt8](bytes(column)) }

    /// A part of a blob, as far as it is there.
    func blob(_ column: Int32, _ range: Range<Int>) -> [UInt8] {
        let bytes = bytes(column)
        return [UInt8](UnsafeRawBufferPointer(rebasing: bytes[range.clamped(to: bytes.indices)]))
    }

    /// The bytes of a column, valid until the next step.
    private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        guard let start = sqlite3_column_blob(statement, column) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }
}

/// A value to bind.
enum SQLiteValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}
