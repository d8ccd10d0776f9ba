import Dispatch
import Foundation
import TestSupport
import Testing

@testable import ProfileStore

/// After what a write is answered, and what those share that come at a time.
struct GroupCommitTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("store") }

    /// The commits in the write-ahead log (sqlite.org/fileformat.html, 4.1): frames that tell the size of the database.
    private func commits() throws -> Int {
        let log = Array(try Data(contentsOf: directory.url.appendingPathComponent("profefe.db-wal")))
        try #require(log.count > 32)
        func number(_ at: Int) -> Int { log[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        let frame = 24 + number(8)
        // What is left of an earlier use of the file has other salts.
        return stride(from: 32, through: log.count - frame, by: frame)
            .prefix { log[$0 + 8..<$0 + 16] == log[16..<24] }
            .filter { number($0 + 4) != 0 }.count
    }

    @Test func theLogIsSyncedByEachCommit() throws {
        let connection = try DatabaseOpening.writer(
            StoreDirectory(path: directory.path), EmbeddedStoreConfiguration.still(directory.path))
        // FULL. With NORMAL a write would be answered before it is on disk.
        #expect(try connection.text("PRAGMA synchronous") == "2")
        #expect(try connection.text("PRAGMA journal_mode") == "wal")
    }

    @Test func writesThatWaitShareTheNextCommit() async throws {
        let store = try EmbeddedStore(
            configuration: EmbeddedStoreConfiguration.still(directory.path), logger: .silent)
        let first = SampleObject("shop", "first")
        _ = try await store.create(first.draft)
        let before = try commits()
        let (isHeld, mayGoOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await store.update("profiles", first.key) { _ in
                    isHeld.signal()
                    mayGoOn.wait()
                    return .unchanged
                }
            }
            try await eventually("the writer is held") { isHeld.wait(timeout: .now()) == .success }
            for index in 0..<20 {
                group.addTask { _ = try await store.create(SampleObject("shop", "p\(index)").draft) }
            }
            do {
                try await eventually("all wait") { store.statistics.waitingWrites == 20 }
            } catch {
                mayGoOn.signal()
                throw error
            }
            #expect(try commits() == before)
            mayGoOn.signal()
            try await group.waitForAll()
        }
        #expect(try commits() == before + 1)
        #expect(try await store.page(ObjectQuery(resource: "profiles")).items.count == 21)
        await store.close()
    }
}
