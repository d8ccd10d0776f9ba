import APIMachinery
import Digests
import Glibc
import Logging
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import ProfileStore

@Suite struct EmbeddedStoreFailureTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("store") }

    private func open(_ change: (inout EmbeddedStoreConfiguration) -> Void = { _ in }) throws -> EmbeddedStore {
        var configuration = EmbeddedStoreConfiguration.still(directory.path)
        change(&configuration)
        return try EmbeddedStore(configuration: configuration, logger: .silent)
    }

    private func expectRefusal(_ code: StoreError.Code, _ text: String = "") {
        do throws(any Error) {
            _ = try open()
            Issue.record("it opened")
        } catch {
            #expect((error as? StoreError)?.code == code)
            #expect("\(error)".contains(text), "\(error)")
        }
    }

    private func write(_ bytes: [UInt8], at offset: Int, of name: String) throws {
        let file = Glibc.open(directory.path + "/" + name, O_RDWR | O_CREAT, 0o600)
        defer { Glibc.close(file) }
        try #require(bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(offset)) } == bytes.count)
    }

    private func read(_ name: String) -> [UInt8] {
        let file = Glibc.open(directory.path + "/" + name, O_RDONLY)
        defer { Glibc.close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        return Array(bytes.prefix(max(0, count)))
    }

    @Test func aDirectoryThatAnotherHasIsRefusedByItsPid() async throws {
        let store = try open()
        expectRefusal(.locked, "process \(getpid()) ")
        await store.close()
        await (try open()).close()
    }

    @Test func whatIsNoDatabaseIsRefusedAndLeftAsItIs() throws {
        let bytes = Array("these are not the bytes of a database".utf8) + [UInt8](repeating: 0x5A, count: 9000)
        try write(bytes, at: 0, of: "profefe.db")
        expectRefusal(.corrupt, "not a database")
        #expect(read("profefe.db") == bytes)
    }

    @Test func aDatabaseOfAnotherProgramIsRefused() async throws {
        await (try open()).close()
        try write([1, 2, 3, 4], at: 68, of: "profefe.db")
        expectRefusal(.corrupt, "another program")
    }

    @Test func aDamagedDatabaseIsRefusedAtOpen() async throws {
        let store = try open()
        for index in 0..<50 { _ = try await store.create(SampleObject("shop", "p\(index)").draft) }
        await store.close()
        try write([UInt8](repeating: 0xA5, count: 60_000), at: 8192, of: "profefe.db")
        let before = read("profefe.db")
        expectRefusal(.corrupt)
        #expect(read("profefe.db") == before)
    }

    @Test func anEmptyDatabaseBesideALogIsRefused() throws {
        try write([1, 2, 3], at: 0, of: "profefe.db-wal")
        try write([], at: 0, of: "profefe.db")
        expectRefusal(.corrupt, "its log has 3 bytes")
    }

    @Test func aDatabaseOfANewerReleaseIsRefused() async throws {
        await (try open()).close()
        let connection = try SQLiteConnection(path: directory.path + "/profefe.db", writable: true)
        try connection.execute("PRAGMA user_version = 99")
        connection.close()
        expectRefusal(.newerSchema, "99")
    }

    @Test func theFirstVersionIsWellAboveZero() async throws {
        let store = try open()
        #expect(store.currentVersion >= ResourceVersion(1000))
        await store.close()
    }

    @Test func aClosedStoreRefusesEverythingAndEndsItsWatches() async throws {
        let store = try open()
        let watch = try store.watch("profiles", after: store.currentVersion)
        await store.close()
        await #expect(throws: StoreError(.closed, "")) { _ = try await watch.next() }
        await #expect(throws: StoreError(.closed, "")) { _ = try await store.create(SampleObject("a", "b").draft) }
        await #expect(throws: StoreError(.closed, "")) { _ = try await store.page(ObjectQuery(resource: "profiles")) }
    }

    @Test func w12AWatchThatFallsBehindEndsAndANewOneGoesOnFromTheFile() async throws {
        let store = try open { $0.eventCount = 10 }
        let start = store.currentVersion
        let watch = try store.watch("profiles", after: start)
        for index in 0..<11 { _ = try await store.create(SampleObject("shop", "p\(index)").draft) }
        await #expect(throws: StoreError(.watchOverflow, "")) { _ = try await watch.next() }
        let resumed = try store.watch("profiles", after: start)
        for index in 1...11 {
            #expect(try await resumed.next()?.resourceVersion == ResourceVersion(start.rawValue + UInt64(index)))
        }
        _ = try await store.create(SampleObject("shop", "p11").draft)
        #expect(try await resumed.next()?.object.key.name == "p11")
        await store.close()
    }

    @Test func aFullDiskRefusesWritesServesReadsAndRecovers() async throws {
        // A file system of its own, so that "full" is real. Only root can mount.
        guard getuid() == 0, mount("none", directory.path, "tmpfs", 0, "size=6m") == 0 else { return }
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        let store = try open()
        let payload = [UInt8](repeating: 7, count: 40_000)
        var stored: [ObjectKey] = []
        var refusal: StoreError?
        while refusal == nil, stored.count < 1000 {
            let sample = SampleObject("shop", "p\(stored.count)").with { $0.payload = payload }
            do throws(StoreError) {
                stored.append(try await store.create(sample.draft).key)
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .diskFull)
        #expect(refusal?.code.isRetryable == true)
        #expect(store.health.problem?.code == .diskFull)
        #expect(try await store.page(ObjectQuery(resource: "profiles")).items.count == stored.count)
        #expect(try await store.payload("profiles", stored[0]) == payload)
        await store.runUpkeep()
        #expect(store.health.problem?.code == .diskFull)

        #expect(mount("none", directory.path, "tmpfs", UInt(MS_REMOUNT), "size=64m") == 0)
        await store.runUpkeep()
        #expect(store.health == .ok)
        _ = try await store.create(SampleObject("shop", "after").with { $0.payload = payload }.draft)
        await store.close()
        let again = try open()
        #expect(try await again.page(ObjectQuery(resource: "profiles")).items.count == stored.count + 1)
        await again.close()
    }

    @Test func aReadOnlyFileSystemIsRefused() async throws {
        guard getuid() == 0, mount("none", directory.path, "tmpfs", 0, "size=2m") == 0 else { return }
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        await (try open()).close()
        // The last statements let go of their file when their store is gone, a moment after it was closed; until then: EBUSY.
        try await eventually("the file system takes no writes") {
            mount("none", directory.path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
        }
        expectRefusal(.readOnly)
    }
}
