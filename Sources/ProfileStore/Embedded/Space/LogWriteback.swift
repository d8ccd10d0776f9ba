internal import Dispatch
internal import NIOConcurrencyHelpers

/// Writes the log back into the database beside the writer, so that no create waits for it.
///
/// SQLite by itself does it in the commit that fills the log: megabytes and two syncs, for which that create and all behind it
/// wait. Here another connection, on a queue of its own, copies what has come (`PASSIVE`: it waits for nobody, and neither writer nor
/// readers wait for it). But the log begins anew only when nothing is left to copy, and while creates come there is always
/// something: so once the log is long enough and nearly all of it is copied, the writer copies the little that is left, between two
/// commits. Where the copier doesn't keep up, the log is bounded all the same: at ``Bounds/most`` the writer copies whatever is
/// left.
///
/// What is on disk when a create is answered is as before: the log, synced. A log that was not copied is read at the next start.
final class LogWriteback: Sendable {
    /// In pages of the log.
    struct Bounds: Sendable {
        /// So many are copied at a time: 4 MB.
        var step = 250
        /// From here on the log is to begin anew: 16 MB.
        var enough = 1000
        /// So few may be left to the writer, or a quarter of the log: 2 MB.
        var rest = 128
        /// From here on as many as there are: 32 MB.
        var most = 2000
    }

    /// What was done since the store was opened.
    struct Counts: Sendable, Equatable {
        /// Copies beside the writer.
        var beside = 0
        /// Copies by the writer.
        var byWriter = 0
    }

    private struct State {
        var isCopying = false
        var isClosed = false
        /// How much of the log is copied.
        var copied = 0
        /// How long it was when the writer last copied.
        var finished = 0
        var counts = Counts()
    }

    private let writer: SQLiteConnection
    private let passive: SQLiteStatement
    private let copier: SQLiteConnection
    private let length: LogLength
    private let queue = DispatchQueue(label: "profefe.store.log")
    private let bounds: Bounds
    private let state = NIOLockedValueBox(State())

    /// Takes the log of `writer` over from SQLite; `copier` is another connection to the same file, for nobody else.
    init(_ writer: SQLiteConnection, copier: SQLiteConnection, _ bounds: Bounds = Bounds()) throws(StoreError) {
        self.writer = writer
        self.copier = copier
        self.bounds = bounds
        passive = try writer.prepare(Self.checkpoint)
        length = writer.measureLog()
    }

    private static let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)"

    /// How long the log is, in pages.
    var pages: Int { length.pages }
    var counts: Counts { state.withLockedValue { $0.counts } }

    /// Looks how long the log has become; called on the writer's `queue` after each commit.
    func look(from queue: DispatchQueue) {
        let pages = length.pages
        let isDue = state.withLockedValue { state in
            if pages < state.copied || pages < state.finished { (state.copied, state.finished) = (0, 0) }
            guard !state.isCopying, !state.isClosed, pages - state.copied >= bounds.step else { return false }
            state.isCopying = true
            return true
        }
        guard isDue else { return }
        self.queue.async {
            let copied = self.copy()
            queue.async { self.arrived(copied) }
        }
    }

    /// Ends the copying and waits for what is under way; called on the writer's queue.
    func close() {
        state.withLockedValue { $0.isClosed = true }
        queue.sync { copier.close() }
    }

    /// Returns when what is under way beside the writer is done, in some milliseconds: what comes behind on the writer's queue is alone
    /// with the log.
    func settle() { queue.sync {} }

    /// On the copier's queue: how many pages of the log are copied; nil if that failed, which no write is to suffer from.
    private func copy() -> Int? {
        guard !state.withLockedValue({ $0.isClosed }) else { return nil }
        state.withLockedValue { $0.counts.beside += 1 }
        guard let statement = try? copier.statement(Self.checkpoint) else { return nil }
        return Self.run(statement)?.copied
    }

    /// On the writer's queue: the copier is done with what it found.
    private func arrived(_ copied: Int?) {
        let pages = length.pages
        let isToFinish = state.withLockedValue { state in
            state.isCopying = false
            guard !state.isClosed else { return false }
            // After a failure it is tried again when as much more has come.
            state.copied = copied ?? pages
            guard pages >= bounds.enough, pages - state.finished >= bounds.step || state.finished == 0 else {
                return false
            }
            return pages >= bounds.most || pages - state.copied <= max(bounds.rest, pages / 4)
        }
        guard isToFinish else { return }
        let result = Self.run(passive)
        state.withLockedValue { state in
            state.counts.byWriter += 1
            state.copied = result?.copied ?? pages
            state.finished = pages
        }
    }

    private static func run(_ statement: SQLiteStatement) -> (pages: Int, copied: Int)? {
        defer { statement.reset() }
        do throws(StoreError) {
            try statement.bind()
            guard try statement.step(), statement.integer(0) == 0 else { return nil }
            return (Int(clamping: statement.integer(1)), Int(clamping: statement.integer(2)))
        } catch {
            return nil
        }
    }
}
