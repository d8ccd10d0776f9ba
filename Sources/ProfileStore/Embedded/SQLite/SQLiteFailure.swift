internal import CSQLite
internal import Glibc

/// A result code of SQLite with what was known when it came (https://sqlite.org/rescode.html).
struct SQLiteFailure: Error {
    /// The extended result code.
    let code: Int32
    /// `errno` of the last failed system call of the connection; 0 if there was none.
    let systemError: Int32
    let message: String
    let doing: String
    let path: String

    var storeError: StoreError {
        let (storeCode, meaning) = classified
        let system = systemError == 0 ? "" : ", \(String(cString: strerror(systemError)))"
        return StoreError(
            storeCode, "\(path): \(meaning) (SQLite \(code): \(message)\(system); \(doing.prefix(80)))", cause: self)
    }

    /// A sync that failed may have dropped what it should have written: nothing after it can be trusted to be on disk.
    var isFailedSync: Bool { code == SQLITE_IOERR | 4 << 8 || code == SQLITE_IOERR | 5 << 8 }

    private var classified: (StoreError.Code, String) {
        let outOfSpace = systemError == ENOSPC || systemError == EDQUOT || systemError == EFBIG
        switch code & 0xFF {
        case SQLITE_FULL: return (.diskFull, "no space left")
        case SQLITE_IOERR where outOfSpace: return (.diskFull, "no space left")
        case SQLITE_CORRUPT: return (.corrupt, "the database is damaged")
        case SQLITE_NOTADB: return (.corrupt, "not a database")
        case SQLITE_READONLY: return (.readOnly, "the database can't be written")
        case SQLITE_CANTOPEN where outOfSpace: return (.diskFull, "no space left")
        case SQLITE_CANTOPEN where [EACCES, EPERM, EROFS].contains(systemError):
            return (.readOnly, "the database can't be opened for writing")
        default: return (.unavailable, "the database failed")
        }
    }
}
