internal import Glibc
internal import NIOConcurrencyHelpers

/// The directory of a store: made if missing, held by a lock file, its database looked at before SQLite touches it.
///
/// - `profefe.lock`: locked (`flock`) while a process has the store; holds its pid. Never removed.
/// - `profefe.db`, `profefe.db-wal`, `profefe.db-shm`: SQLite's.
/// - `payloads/`: large payloads, see ``PayloadFiles``.
final class StoreDirectory: Sendable {
    let path: String
    /// The locked file; nil once released.
    private let lock: NIOLockedValueBox<Int32?>

    var databasePath: String { path + "/profefe.db" }
    var payloadsPath: String { path + "/payloads" }

    /// Makes the directory if needed and locks it.
    init(path: String) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreError(.configuration, "data directory: the path is empty or contains NUL")
        }
        self.path = path
        try Self.make(path)
        lock = NIOLockedValueBox(try Self.lock(path + "/profefe.lock"))
    }

    deinit {
        release()
    }

    /// Lets others have the directory: the lock goes with its descriptor.
    func release() {
        let file = lock.withLockedValue { lock in
            defer { lock = nil }
            return lock
        }
        if let file { Glibc.close(file) }
    }

    /// Refuses what is no database of ours, so that nothing can overwrite it; makes the file, private, if there is none.
    func checkDatabase() throws(StoreError) {
        let file = Glibc.open(databasePath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure("opening", databasePath) }
        defer { Glibc.close(file) }
        var header = [UInt8](repeating: 0, count: 72)
        let count = header.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw Self.failure("reading", databasePath) }
        if count == 0 { return try checkNoLog() }
        guard count == 72, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw StoreError(
                .corrupt, "\(databasePath): not a database: its first bytes are not SQLite's; the file is left as it is"
            )
        }
        let id = header[68..<72].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        guard id == 0 || id == StoreSchema.applicationID else {
            throw StoreError(
                .corrupt, "\(databasePath): a database of another program (application id \(id)); it is left as it is")
        }
    }

    /// The size of the database file, 0 if it can't be told.
    var databaseBytes: Int {
        var facts = stat()
        return stat(databasePath, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// The size of the write-ahead log, 0 if it can't be told.
    var logBytes: Int {
        var facts = stat()
        return stat(databasePath + "-wal", &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// How many bytes the file system would still take from us, and how many it has; nil if it can't be told.
    var space: DiskWatermark.Reading? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        func bytes(_ blocks: UInt) -> UInt64 {
            let (bytes, isOverflowing) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
            return isOverflowing ? .max : bytes
        }
        return DiskWatermark.Reading(free: bytes(facts.f_bavail), size: bytes(facts.f_blocks))
    }

    /// An empty database beside a log that isn't: SQLite would throw the log away, and with it all that is left.
    private func checkNoLog() throws(StoreError) {
        var facts = stat()
        guard stat(databasePath + "-wal", &facts) == 0, facts.st_size > 0 else { return }
        throw StoreError(
            .corrupt,
            "\(databasePath): empty, but its log has \(facts.st_size) bytes: the file was cut; it is left as it is")
    }

    private static func make(_ path: String) throws(StoreError) {
        var parent = ""
        for part in path.split(separator: "/") {
            parent += parent.isEmpty && !path.hasPrefix("/") ? String(part) : "/" + part
            if mkdir(parent, 0o700) != 0, errno != EEXIST {
                let code = errno
                var facts = stat()
                if stat(parent, &facts) != 0 { throw failure("making", parent, code) }
            }
        }
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw failure("looking at", path) }
        guard facts.st_mode & S_IFMT == S_IFDIR else { throw StoreError(.configuration, "\(path): not a directory") }
    }

    private static func lock(_ path: String) throws(StoreError) -> Int32 {
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("opening", path) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = contents(file)
            Glibc.close(file)
            guard code == EWOULDBLOCK else { throw failure("locking", path, code) }
            throw StoreError(.locked, "\(path): process \(owner.isEmpty ? "(unknown)" : owner) has this data directory")
        }
        let pid = Array("\(getpid())\n".utf8)
        // Only a help for people: a full disk must not keep the store from opening for reads.
        _ = ftruncate(file, 0)
        _ = pid.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
        return file
    }

    private static func contents(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)).prefix { $0 > 0x20 }, as: UTF8.self)
    }

    static func failure(_ doing: String, _ path: String, _ code: Int32 = errno) -> StoreError {
        let kind: StoreError.Code =
            switch code {
            case EACCES, EPERM, EROFS: .readOnly
            case ENOSPC, EDQUOT: .diskFull
            case ENOTDIR, ENAMETOOLONG, ELOOP, EISDIR, ENOENT: .configuration
            default: .unavailable
            }
        return StoreError(kind, "\(path): \(doing): \(String(cString: strerror(code)))")
    }
}
