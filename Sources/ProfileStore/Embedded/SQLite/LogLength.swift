internal import CSQLite
internal import Synchronization

/// How long the log is, as its writer's last commit left it.
final class LogLength: Sendable {
    private let count = Atomic(0)

    /// In pages, those that are copied into the database included.
    var pages: Int { count.load(ordering: .relaxed) }

    fileprivate func set(_ pages: Int) { count.store(pages, ordering: .relaxed) }
}

extension SQLiteConnection {
    /// Measures the log at each commit from now on, and no longer lets a commit write it back (`wal_autocheckpoint`, which is such a hook
    /// too).
    func measureLog() -> LogLength {
        let length = LogLength()
        hook(length) { handle, context in
            sqlite3_wal_hook(
                handle,
                { context, _, _, pages in
                    if let context { Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().set(Int(pages)) }
                    return SQLITE_OK
                }, context)
        }
        return length
    }
}
