import APIMachinery
import Dispatch
import Foundation
import Logging
import TestSupport
import Testing

@testable import ProfileStore

/// The log is written back beside the writer, and begins anew.
struct LogWritebackTests {
    /// A database of one table, its log in small steps.
    private struct Subject {
        let directory: TemporaryDirectory
        let writer: SQLiteConnection
        let log: LogWriteback
        let queue = DispatchQueue(label: "test.writer")
        let bounds = LogWriteback.Bounds(step: 4, enough: 12, rest: 3, most: 30)

        var path: String { directory.path + "/a.db" }

        init() throws {
            directory = try TemporaryDirectory("log")
            let path = directory.path + "/a.db"
            writer = try SQLiteConnection(path: path, writable: true)
            try writer.execute("PRAGMA page_size = 4096")
            #expect(try writer.text("PRAGMA journal_mode = WAL") == "wal")
            try writer.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB)")
            log = try LogWriteback(writer, copier: SQLiteConnection(path: path, writable: false), bounds)
        }

        /// A commit of about `pages` pages; returns how long the log is behind it. Waits for what is done beside.
        func write(_ number: Int, pages: Int = 2) throws -> Int {
            try queue.sync {
                try writer.execute(
                    "INSERT INTO t VALUES (\(number), zeroblob(\(pages * 4096)))")
                log.look(from: queue)
            }
            log.settle()
            return queue.sync { log.pages }
        }

        func count() throws -> Int64? {
            try SQLiteConnection(path: path, writable: false).integer("SELECT count(*) FROM t")
        }
    }

    @Test func theLogBeginsAnewWhileWritesGoOn() throws {
        let subject = try Subject()
        var restarts = 0
        var last = 0
        for number in 0..<200 {
            let pages = try subject.write(number)
            if pages < last { restarts += 1 }
            last = pages
            #expect(pages <= subject.bounds.most + 8)
        }
        #expect(restarts >= 5)
        #expect(subject.log.counts.beside >= restarts)
        #expect(try subject.count() == 200)
        subject.queue.sync { subject.log.close() }
    }

    /// Where the copier leaves something, be it for a commit that came meanwhile or for a reader that is gone since, the log could not
    /// begin anew.
    @Test func theWriterCopiesTheRest() throws {
        let subject = try Subject()
        let reader = try SQLiteConnection(path: subject.path, writable: false)
        var number = 0
        func insert() throws {
            number += 1
            try subject.writer.execute("INSERT INTO t VALUES (\(number), zeroblob(8192))")
        }
        try subject.queue.sync {
            while subject.log.pages < 2 * subject.bounds.enough { try insert() }
            try reader.execute("BEGIN")
            #expect(try reader.integer("SELECT count(*) FROM t") == Int64(number))
            try insert()
            subject.log.look(from: subject.queue)
            subject.log.settle()
            try reader.execute("COMMIT")
            #expect(subject.log.counts == LogWriteback.Counts(beside: 1, byWriter: 0))
        }
        let pages = subject.queue.sync { subject.log.pages }
        #expect(subject.log.counts == LogWriteback.Counts(beside: 1, byWriter: 1))
        #expect(try subject.write(number + 1) < pages)
        #expect(try subject.count() == Int64(number + 1))
        subject.queue.sync { subject.log.close() }
    }

    @Test func aReaderKeepsTheLogAndItsEndLetsItGo() throws {
        let subject = try Subject()
        for number in 0..<3 { _ = try subject.write(number) }
        let reader = try SQLiteConnection(path: subject.path, writable: false)
        try reader.execute("BEGIN")
        #expect(try reader.integer("SELECT count(*) FROM t") == 3)
        var pages = 0
        for number in 3..<60 { pages = try subject.write(number) }
        // What the reader doesn't see can't be written over; nobody waits for it.
        #expect(pages > subject.bounds.most)
        #expect(try reader.integer("SELECT count(*) FROM t") == 3)
        try reader.execute("COMMIT")
        for number in 60..<90 { pages = min(pages, try subject.write(number)) }
        #expect(pages <= subject.bounds.most)
        #expect(try subject.count() == 90)
        subject.queue.sync { subject.log.close() }
    }

    @Test func nothingIsCopiedOnceItIsClosed() throws {
        let subject = try Subject()
        _ = try subject.write(0)
        subject.queue.sync { subject.log.close() }
        let counts = subject.log.counts
        for number in 1..<40 { _ = try subject.write(number) }
        #expect(subject.log.counts == counts)
        #expect(try subject.count() == 40)
    }

    /// Wherever the log was cut by a crash in the middle of this, it is the log of SQLite: what was committed is there.
    @Test func aStoreThatIsOpenedAgainHasEverything() async throws {
        let directory = try TemporaryDirectory("log-store")
        let configuration = EmbeddedStoreConfiguration(directory: directory.path)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try EmbeddedStore(configuration: configuration, logger: logger)
        let payload = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for number in 0..<300 {
            let object = SampleObject("n", "o-\(number)").with { $0.payload = payload }
            _ = try await store.create(object.draft)
        }
        await store.close()
        #expect(store.log.counts.beside > 0)
        let again = try EmbeddedStore(configuration: configuration, logger: logger)
        for number in [0, 150, 299] {
            let key = ObjectKey(namespace: "n", name: "o-\(number)")
            #expect(try await again.payload("profiles", key) == payload)
        }
        await again.close()
    }
}
