import APIMachinery
import Glibc
import Logging
import NIOCore
import TestSupport
import Testing

@testable import ProfileStore

@Suite struct PayloadFilesTests {
    private static let large = PayloadParts.size * 2 + 4321

    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
    }

    private static func files(_ subject: RetainingStore) throws -> [String] {
        try PayloadFiles(subject.directory.path("payloads")).names().sorted()
    }

    private func subject() throws -> RetainingStore { try RetainingStore { $0.payloadFileBytes = 1000 } }

    private static func create(_ subject: RetainingStore, _ name: String, _ count: Int) async throws -> ObjectKey {
        let sample = RetainingStore.sample("shop", name).with { $0.payload = bytes(count) }
        return try await subject.store.create(sample.draft).key
    }

    private static func pieces(_ subject: RetainingStore, _ key: ObjectKey) async throws -> [UInt8] {
        let reader = try #require(try await subject.store.openPayload("profiles", key))
        return try await rest(of: reader)
    }

    private static func rest(of reader: any PayloadReader) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await reader.next() { all += piece.readableBytesView }
        return all
    }

    @Test func aLargePayloadLiesInAFileAndASmallOneDoesNot() async throws {
        let subject = try subject()
        let small = try await Self.create(subject, "small", 1000)
        #expect(try Self.files(subject) == [])
        let large = try await Self.create(subject, "large", Self.large)
        #expect(try Self.files(subject).count == 1)
        #expect(try await subject.store.payload("profiles", large) == Self.bytes(Self.large))
        #expect(try await Self.pieces(subject, large) == Self.bytes(Self.large))
        #expect(try await Self.pieces(subject, small) == Self.bytes(1000))
        #expect(subject.store.statistics.usage["cpu"]?.bytes ?? 0 > Int64(Self.large))
        #expect(try StoreAudit(subject.directory.path).faults() == [])
        await subject.store.close()
    }

    @Test func whatIsNotInMemoryIsReadFromTheDisk() async throws {
        let subject = try subject()
        let key = try await Self.create(subject, "large", Self.large)
        let name = try #require(try Self.files(subject).first)
        let file = open(subject.directory.path("payloads/\(name)"), O_RDONLY)
        defer { Glibc.close(file) }
        #expect(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0)
        #expect(try await Self.pieces(subject, key) == Self.bytes(Self.large))
        await subject.store.close()
    }

    @Test func anOpenPayloadStaysWholeWhenItsObjectGoes() async throws {
        let subject = try subject()
        let key = try await Self.create(subject, "large", Self.large)
        let reader = try #require(try await subject.store.openPayload("profiles", key))
        let first = try #require(try await reader.next())
        _ = try await subject.store.delete("profiles", key)
        #expect(Array(first.readableBytesView) + (try await Self.rest(of: reader)) == Self.bytes(Self.large))
        #expect(try await subject.store.openPayload("profiles", key) == nil)
        await subject.store.close()
    }

    @Test func aFileGoesWithItsObjectWhoeverRemovesIt() async throws {
        let subject = try subject()
        subject.keep(.seconds(10))
        await subject.settle()
        let deleted = try await Self.create(subject, "deleted", 2000)
        let replaced = try await Self.create(subject, "replaced", 2000)
        _ = try await Self.create(subject, "expired", 2000)
        #expect(try Self.files(subject).count == 3)
        _ = try await subject.store.delete("profiles", deleted)
        _ = try await subject.store.update("profiles", replaced) { _ throws(StoreError) in
            .replace(RetainingStore.sample("shop", "replaced", isPinned: true).draft)
        }
        #expect(try await subject.store.payload("profiles", replaced) == [UInt8](repeating: 7, count: 100))
        subject.advance(10)
        await subject.settle()
        await subject.store.close()
        #expect(try Self.files(subject) == [])
    }

    @Test func aRefusedCreateLeavesNoFile() async throws {
        let subject = try subject()
        _ = try await Self.create(subject, "p1", 2000)
        await #expect(throws: StoreError(.alreadyExists, "")) { _ = try await Self.create(subject, "p1", 3000) }
        await subject.store.close()
        #expect(try Self.files(subject).count == 1)
    }

    @Test func filesThatNothingTellsOfAreRemovedAtTheStartAndOthersStay() async throws {
        var subject = try subject()
        let key = try await Self.create(subject, "p1", 2000)
        let stray = subject.directory.path("payloads/0123456789abcdef")
        Glibc.close(open(stray, O_WRONLY | O_CREAT, 0o600))
        try await subject.reopen()
        #expect(try await subject.store.payload("profiles", key) == Self.bytes(2000))
        await subject.store.close()
        #expect(access(stray, F_OK) != 0)
        #expect(try Self.files(subject).count == 1)
    }

    @Test func aFileThatIsShortOrMissingIsToldAndTheStoreGoesOn() async throws {
        let subject = try subject()
        let short = try await Self.create(subject, "short", 2000)
        let name = try #require(try Self.files(subject).first)
        #expect(truncate(subject.directory.path("payloads/\(name)"), 1999) == 0)
        func refusal(_ key: ObjectKey) async -> StoreError? {
            do throws(StoreError) {
                _ = try await subject.store.openPayload("profiles", key)
                return nil
            } catch {
                return error
            }
        }
        let cut = await refusal(short)
        #expect(cut?.code == .corrupt && cut?.message.contains("has 1999 bytes, 2000 were written") == true)
        #expect(unlink(subject.directory.path("payloads/\(name)")) == 0)
        let missing = await refusal(short)
        #expect(missing?.code == .corrupt && missing?.message.contains("is missing") == true)
        #expect(subject.store.health == .ok)
        _ = try await Self.create(subject, "other", 2000)
        _ = try await subject.store.delete("profiles", short)
        #expect(await refusal(short) == nil)
        await subject.store.close()
    }

    @Test func aFullDiskLeavesNoHalfOfAFile() async throws {
        // A file system of its own. Only root can mount.
        let directory = try TemporaryDirectory("store")
        guard getuid() == 0, mount("none", directory.path, "tmpfs", 0, "size=12m") == 0 else { return }
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        let store = try EmbeddedStore(configuration: .still(directory.path), logger: .silent)
        func create(_ name: String, _ count: Int) async -> StoreError.Code? {
            let sample = SampleObject("shop", name).with { $0.payload = [UInt8](repeating: 1, count: count) }
            do throws(StoreError) { _ = try await store.create(sample.draft) } catch { return error.code }
            return nil
        }
        #expect(await create("large", 30 << 20) == .diskFull)
        #expect(try PayloadFiles(directory.path("payloads")).names() == [])
        #expect(await create("small", 2 << 20) == nil)
        await store.close()
    }
}
