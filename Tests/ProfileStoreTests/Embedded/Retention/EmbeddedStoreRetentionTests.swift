import APIMachinery
import Glibc
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import ProfileStore

@Suite struct EmbeddedStoreRetentionTests {
    @Test func aProfileGoesWhenItsTimeHasComeAndAWatchIsTold() async throws {
        let subject = try RetainingStore()
        subject.keep(.seconds(60))
        await subject.settle()
        let created = try await subject.create("shop", "p1")
        #expect(String(decoding: created.object.cells, as: UTF8.self) == RetainingStore.text(subject.now + 60))
        let watch = try subject.store.watch("profiles", after: created.resourceVersion)
        subject.advance(59)
        await subject.settle()
        #expect(try await subject.names() == ["shop/p1"])
        subject.advance(1)
        await subject.settle()
        #expect(try await subject.names() == [])
        let event = try #require(try await watch.next())
        #expect(event.type == .deleted && event.object.key == created.key)
        #expect(event.resourceVersion > created.resourceVersion)
        #expect(try await subject.store.payload("profiles", created.key) == nil)
        #expect(subject.store.statistics.retired == [.age: 1])
        // A watch from before it is told the same, from the file.
        var again = try subject.store.watch("profiles", after: created.resourceVersion).makeAsyncIterator()
        #expect(try await again.next()?.resourceVersion == event.resourceVersion)
        await subject.store.close()
    }

    @Test func theOrderOfTheStoreCountsAndNotTheClock() async throws {
        let subject = try RetainingStore(StoreLimits(namespaceBytes: 8000))
        subject.advance(5000)
        try await subject.create("shop", "b", bytes: 2000)
        // The clock is set back.
        subject.advance(-5000)
        for name in ["c", "d"] { try await subject.create("shop", name, bytes: 2000) }
        #expect(try await subject.names() == ["shop/c", "shop/d"])
        #expect(subject.store.statistics.retired == [.namespaceLimit: 1])
        await subject.store.close()
    }

    @Test func aLimitIsKeptInTheCommitThatExceedsIt() async throws {
        let subject = try RetainingStore(StoreLimits(storeBytes: 40_000))
        for number in 0..<50 {
            try await subject.create("n\(number % 3)", "p\(100 + number)", bytes: 3000)
            #expect(subject.store.statistics.usage["cpu"]?.bytes ?? 0 <= 40_000)
        }
        let names = try await subject.names().map { $0.suffix(4) }.sorted()
        #expect(names.first == "p\(150 - names.count)")
        await subject.store.close()
    }

    @Test func nothingGoesForItsAgeUntilThePolicyIsKnown() async throws {
        let subject = try RetainingStore { $0.historyRows = 10 }
        subject.policy.withLockedValue { $0 = nil }
        var other = subject
        try await other.reopen()
        try await other.create("shop", "p1")
        other.advance(10_000)
        await other.settle()
        #expect(try await other.names() == ["shop/p1"])
        #expect(try await other.end("shop", "p1") == RetainingStore.text(nil))
        other.keep(.seconds(20_000))
        await other.settle()
        #expect(try await other.end("shop", "p1") == RetainingStore.text(RetainingStore.start + 20_000))
        // Once known it stays in force.
        other.policy.withLockedValue { $0 = nil }
        other.advance(10_000)
        await other.settle()
        #expect(try await other.names() == [])
        await other.store.close()
    }

    @Test func aChangedPolicyIsTrueInEveryObjectAndEachChangeIsAnEvent() async throws {
        let subject = try RetainingStore()
        subject.keep(.seconds(1000))
        await subject.settle()
        try await subject.create("shop", "p1")
        try await subject.create("shop", "p2", type: "heap")
        let pinned = try await subject.create("shop", "p3", isPinned: true)
        let watch = try subject.store.watch("profiles", after: pinned.resourceVersion)
        subject.keep(.seconds(1000), rules: [.init(classes: ["heap"], lifetime: .seconds(5000))])
        await subject.settle()
        let event = try #require(try await watch.next())
        #expect(event.type == .modified && event.object.key.name == "p2")
        #expect(event.previous?.object.cells == RetainingStore.stamp(RetainingStore.start + 1000))
        #expect(try await subject.end("shop", "p2") == RetainingStore.text(RetainingStore.start + 5000))
        #expect(subject.store.currentVersion == event.resourceVersion)
        #expect(try await subject.end("shop", "p3") == RetainingStore.text(nil))
        try await subject.pin(pinned.key, false)
        #expect(try await subject.end("shop", "p3") == RetainingStore.text(RetainingStore.start + 1000))
        await subject.store.close()
    }

    @Test func aPolicyIsLookedAtAgainAfterAStart() async throws {
        var subject = try RetainingStore()
        for number in 0..<300 { try await subject.create("shop", "p\(1000 + number)") }
        await subject.store.close()
        subject.keep(.seconds(50))
        try await subject.reopen()
        // Two hundred at a tick: each is an event and a state of the history.
        await subject.settle()
        #expect(try await subject.end("shop", "p1100") == RetainingStore.text(subject.now + 50))
        #expect(try await subject.end("shop", "p1299") == RetainingStore.text(nil))
        await subject.settle()
        #expect(try await subject.end("shop", "p1299") == RetainingStore.text(subject.now + 50))
        await subject.store.close()
    }

    @Test func whatIsTooLargeOrCanNotGetRoomIsRefusedInWords() async throws {
        let subject = try RetainingStore(StoreLimits(storeBytes: 30_000, namespaceBytes: 20_000))
        func refusal(_ namespace: String, _ bytes: Int) async -> StoreError? {
            do throws(StoreError) {
                try await subject.create(namespace, "new", bytes: bytes)
                return nil
            } catch {
                return error
            }
        }
        let large = await refusal("shop", 25_000)
        #expect(large?.code == .tooLarge)
        #expect(large?.message.contains("20000 bytes of its namespace (--max-namespace-bytes)") == true)
        try await subject.create("shop", "p1", bytes: 15_000, isPinned: true)
        let full = await refusal("shop", 6000)
        #expect(full?.code == .limitExceeded)
        #expect(full?.message.contains("profefe.io/pinned=true") == true)
        try await subject.create("cart", "p1", bytes: 8000, isPinned: true)
        let store = await refusal("other", 8000)
        #expect(store?.code == .insufficientStorage)
        #expect(store?.code.isRetryable == true)
        #expect(try await subject.names() == ["cart/p1", "shop/p1"])
        #expect(subject.store.health == .ok)
        await subject.store.close()
    }

    @Test func oneThatWaitsForFinalizersIsMarkedOnceAndStays() async throws {
        let marks = NIOLockedValueBox(0)
        let subject = try RetainingStore {
            $0.retention.retire = { stored throws(StoreError) in
                guard stored.key.name == "held" else { return .delete }
                marks.withLockedValue { $0 += 1 }
                return stored.fields["spec.state"] == "leaving"
                    ? .unchanged
                    : .replace(
                        RetainingStore.sample("shop", "held").with {
                            $0.payload = nil
                            $0.fields["spec.state"] = "leaving"
                        }.draft)
            }
        }
        subject.keep(.seconds(10))
        await subject.settle()
        let held = try await subject.create("shop", "held")
        try await subject.create("shop", "free")
        subject.advance(10)
        for _ in 0..<3 { await subject.settle() }
        #expect(try await subject.names() == ["shop/held"])
        #expect(marks.withLockedValue { $0 } == 1)
        let usage = subject.store.statistics.usage["cpu"]
        #expect(usage?.objects == 1 && usage?.heldBytes == usage?.bytes)
        _ = try await subject.store.delete("profiles", held.key)
        #expect(subject.store.statistics.usage["cpu"] == nil)
        #expect(try StoreAudit(subject.directory.path).faults(isStamped: false) == [])
        await subject.store.close()
    }

    @Test func aFileOfAReleaseBeforeIsCountedInTheBackground() async throws {
        var subject = try RetainingStore()
        let old = ProfileID.make(at: RetainingStore.start - 500)
        let young = ProfileID.make(at: RetainingStore.start - 50)
        for name in [old, young] { try await subject.create("shop", name, bytes: 700_000) }
        for number in 0..<250 { try await subject.create("cart", "p\(1000 + number)", isPinned: number == 7) }
        _ = try await subject.store.create(SampleObject("cart", "c1").with { $0.resource = "captures" }.draft)
        subject.keep(.seconds(100))
        try await subject.reopen { file in
            try file.execute("DROP TABLE retained; DROP TABLE usage; DROP TABLE payload_files; DROP TABLE timeline")
            try file.execute("DELETE FROM meta WHERE key IN ('counted', 'timed'); PRAGMA user_version = 2")
        }
        // What is created before the count has come there is counted once.
        let fresh = try await subject.create("shop", "fresh")
        for _ in 0..<3 { await subject.settle() }
        let names = try await subject.names()
        #expect(names.count == 252 && names.contains("shop/\(young)") && !names.contains("shop/\(old)"))
        #expect(try await subject.end("shop", young) == RetainingStore.text(RetainingStore.start + 50))
        #expect(try await subject.end("cart", "p1007") == RetainingStore.text(nil))
        #expect(try await subject.end("cart", "p1249") == RetainingStore.text(subject.now + 100))
        #expect(try await subject.store.get("profiles", fresh.key) == fresh)
        #expect(try StoreAudit(subject.directory.path).faults() == [])
        try await subject.reopen()
        #expect(subject.store.statistics.usage["cpu"]?.objects == 252)
        await subject.store.close()
    }

    @Test func theSpaceOfWhatHasGoneIsGivenBack() async throws {
        let subject = try RetainingStore()
        subject.keep(.seconds(100))
        await subject.settle()
        for number in 0..<40 { try await subject.create("shop", "p\(100 + number)", bytes: 700_000) }
        func bytes() -> Int {
            ["profefe.db", "profefe.db-wal"].reduce(0) { sum, name in
                var facts = stat()
                return stat(subject.directory.path(name), &facts) == 0 ? sum + Int(facts.st_size) : sum
            }
        }
        #expect(bytes() > 28_000_000)
        subject.advance(100)
        // The log is cut when nothing was written between two ticks.
        for _ in 0..<3 { await subject.settle() }
        #expect(try await subject.names() == [])
        #expect(bytes() < 6_000_000)
        await subject.store.close()
    }
}
