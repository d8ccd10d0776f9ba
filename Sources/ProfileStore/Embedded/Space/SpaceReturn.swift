internal import NIOConcurrencyHelpers

/// Gives the pages that deletions left back to the file system, in small steps on the writer's queue.
///
/// Deletions and creates that keep each other's balance reuse pages: only what is free beyond a twentieth of the file (and 4 MB) is
/// given back, down to half of that, so that a file that stays as large isn't rearranged all the time. Where the file
/// system is short of room, all of it. Files are in SQLite's incremental vacuum mode since the first release.
final class SpaceReturn: Sendable {
    /// 1 MB: a step moves as many pages from the end of the file into the gaps, some milliseconds.
    private static let stepPages: Int64 = 64
    private static let slackPages: Int64 = 256
    /// A log beyond this is cut when nothing was written for a while; SQLite cuts the one beyond 64 MB by itself.
    private static let idleLogBytes = 1 << 20

    private let connection: SQLiteConnection
    private let directory: StoreDirectory
    private let pageBytes: Int64
    private let freePages, pages, passive: SQLiteStatement
    private let isReturning = NIOLockedValueBox(false)
    private let lastVersion = NIOLockedValueBox<UInt64>(0)
    private let state = NIOLockedValueBox(PageCounts())

    /// Pages of the database file.
    struct PageCounts: Sendable {
        var free: Int64 = 0
        var all: Int64 = 0
    }

    init(_ connection: SQLiteConnection, directory: StoreDirectory) throws(StoreError) {
        self.connection = connection
        self.directory = directory
        pageBytes = try connection.integer("PRAGMA page_size") ?? 0
        freePages = try connection.prepare("PRAGMA freelist_count")
        pages = try connection.prepare("PRAGMA page_count")
        passive = try connection.prepare("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// As of the last step.
    var counts: PageCounts { state.withLockedValue { $0 } }

    /// Gives some pages back if there are too many; returns whether there are more.
    func step(isLow: Bool) throws(StoreError) -> Bool {
        let counts = PageCounts(free: try number(freePages), all: try number(pages))
        state.withLockedValue { $0 = counts }
        let slack = isLow ? 0 : max(Self.slackPages, counts.all / 20)
        let bound = isReturning.withLockedValue { $0 } ? slack / 2 : slack
        let isDue = counts.free > bound
        isReturning.withLockedValue { $0 = isDue }
        guard isDue else { return false }
        try connection.execute("PRAGMA incremental_vacuum(\(min(Self.stepPages, counts.free - bound)))")
        return true
    }

    /// Writes the log back and cuts it, and with it the file where pages were given back, if nothing was written since the last call. (Who
    /// writes much has it done by SQLite, each 16 MB.) Waits for nobody: with readers in it, the log stays.
    func trimLog(at version: UInt64, isLow: Bool) throws(StoreError) {
        let isIdle = lastVersion.withLockedValue { last in
            defer { last = version }
            return last == version
        }
        guard isIdle || isLow, directory.logBytes > Self.idleLogBytes || isFileTooLong else { return }
        defer { passive.reset() }
        try passive.bind()
        guard try passive.step(), passive.integer(0) == 0, passive.integer(1) == passive.integer(2) else { return }
        passive.reset()
        connection.withoutWaiting { try? connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    /// Whether the file has pages that were given back, which it keeps until the log is written back.
    private var isFileTooLong: Bool {
        let pages = counts.all
        return pages > 0 && directory.logBytes > 0 && Int64(directory.databaseBytes) > pages * pageBytes
    }

    private func number(_ statement: SQLiteStatement) throws(StoreError) -> Int64 {
        defer { statement.reset() }
        try statement.bind()
        return try statement.step() ? statement.integer(0) : 0
    }
}
