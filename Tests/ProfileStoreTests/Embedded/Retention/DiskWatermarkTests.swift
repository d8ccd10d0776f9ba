import APIMachinery
import Glibc
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import ProfileStore

@Suite struct DiskWatermarkTests {
    @Test(arguments: [
        (DiskReserve.bytes(0), 1000, 0), (.bytes(300), 1000, 300), (.share(0.05), 1000, 50), (.share(0.9), 10, 9),
        (.lesser(300, 0.05), 1000, 50), (.lesser(30, 0.05), 1000, 30), (.share(0.5), UInt64.max, UInt64.max / 2 + 1),
    ])
    func aReserveIsBytesOrAPart(_ reserve: DiskReserve, _ size: UInt64, _ bytes: UInt64) {
        #expect(reserve.bytes(of: size) == bytes)
    }

    @Test func createsAreRefusedBelowTheReserveAndUntilAQuarterMoreIsFree() async throws {
        let subject = try RetainingStore(StoreLimits(reserve: .bytes(1000_000)))
        let kept = try await subject.create("shop", "p1")
        let gone = try await subject.create("shop", "p2")
        func code(_ free: UInt64, _ name: String, bytes: Int = 100) async -> StoreError.Code? {
            subject.disk.withLockedValue { $0.free = free }
            do throws(StoreError) {
                try await subject.create("shop", name, bytes: bytes)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(await code(1000_200, "p3") == nil)
        // One that would reach into the reserve; smaller ones still come in.
        #expect(await code(1000_200, "p4", bytes: 300) == .insufficientStorage)
        #expect(subject.store.shortage == nil)
        #expect(await code(999_999, "p4") == .insufficientStorage)
        #expect(subject.store.shortage?.message.contains("999999 bytes free") == true)
        #expect(subject.store.shortage?.message.contains("until 1250000 are free") == true)
        #expect(subject.store.statistics.takesCreates == false)
        #expect(subject.store.health == .ok)
        // All else goes on.
        #expect(try await subject.store.get("profiles", kept.key) != nil)
        _ = try await subject.store.delete("profiles", gone.key)
        try await subject.pin(kept.key, true)
        #expect(await code(1249_999, "p4") == .insufficientStorage)
        #expect(await code(1250_000, "p4") == nil)
        #expect(subject.store.statistics.takesCreates)
        #expect(try await subject.names() == ["shop/p1", "shop/p3", "shop/p4"])
        await subject.store.close()
    }

    @Test func retentionGoesOnWhereTheDiskIsShortOfRoom() async throws {
        let subject = try RetainingStore(StoreLimits(reserve: .bytes(1000)))
        subject.keep(.seconds(10))
        await subject.settle()
        try await subject.create("shop", "p1")
        subject.disk.withLockedValue { $0.free = 10 }
        subject.advance(10)
        await subject.settle()
        #expect(try await subject.names() == [])
        await subject.store.close()
    }

    @Test func whatIsDeletedMakesRoomOnARealFileSystem() async throws {
        // A file system of its own. Only root can mount.
        let directory = try TemporaryDirectory("store")
        guard getuid() == 0, mount("none", directory.path, "tmpfs", 0, "size=48m") == 0 else { return }
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        var configuration = EmbeddedStoreConfiguration.still(directory.path)
        configuration.retention.limits.reserve = .bytes(16 << 20)
        let store = try EmbeddedStore(configuration: configuration, logger: .silent)
        func fill(_ prefix: String) async throws -> ([ObjectKey], StoreError.Code?) {
            var stored: [ObjectKey] = []
            while stored.count < 200 {
                let sample = RetainingStore.sample("shop", "\(prefix)\(stored.count)", bytes: 400_000)
                do throws(StoreError) { stored.append(try await store.create(sample.draft).key) } catch {
                    return (stored, error.code)
                }
            }
            return (stored, nil)
        }
        let (first, refusal) = try await fill("a")
        #expect(refusal == .insufficientStorage)
        for key in first { _ = try await store.delete("profiles", key) }
        for _ in 0..<3 { await store.runUpkeep() }
        #expect(store.shortage == nil)
        let (second, again) = try await fill("b")
        #expect(again == .insufficientStorage)
        #expect(second.count > first.count / 2, "\(first.count), then \(second.count)")
        await store.close()
    }
}
