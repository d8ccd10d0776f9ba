import APIMachinery
import Digests
import Glibc
import Logging
import TestSupport
import Testing

@testable import ProfileStore

/// kill -9 in the midst of sweeps: a child process stores profiles that live for a moment, some pinned, some in files, and is killed at
/// a moment nobody chose. What is left contradicts itself nowhere.
@Suite struct RetentionCrashTests {
    @Test func aKilledSweepLeavesAllOrNothingOfEachProfile() async throws {
        let directory = try TemporaryDirectory("store")
        let path = directory.path
        var pinned: Set<String> = []
        for round in 0..<4 {
            let delay = UInt32.random(in: 100_000...400_000)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, round = round as Int, delay = delay as UInt32] in
                try await storeUntilKilled(path, round, delay)
            }
            var configuration = EmbeddedStoreConfiguration.still(path) { .max / 2 }
            configuration.payloadFileBytes = 30_000
            configuration.retention.policy = { RetentionPolicy(.seconds(5)) }
            let store = try EmbeddedStore(configuration: configuration, logger: .silent)
            #expect(try StoreAudit(path).faults(isStamped: false) == [])
            // Whole are all that are there, and every pinned one that was answered is.
            for item in try await store.page(ObjectQuery(resource: "profiles")).items {
                let bytes = try #require(try await store.payload("profiles", item.key), "\(item.key)")
                try #require(SHA256.hex(bytes) == item.uid, "\(item.key)")
            }
            pinned.formUnion(AnswerNotes.lines(path))
            await store.runUpkeep()
            let left = Set(try await store.page(ObjectQuery(resource: "profiles")).items.map(\.key.name))
            #expect(pinned.isSubset(of: left))
            #expect(left.allSatisfy { $0.hasSuffix("pinned") })
            #expect(try StoreAudit(path).faults(isStamped: false) == [])
            let known = try StoreAudit(path).connection.integer("SELECT count(*) FROM payload_files")
            await store.close()
            #expect(Int64(try PayloadFiles(path + "/payloads").names().count) == known)
        }
        #expect(!pinned.isEmpty)
    }
}

/// Stores with four tasks, noting each pinned one that was answered, until a thread of its own kills the process.
private func storeUntilKilled(_ path: String, _ round: Int, _ delay: UInt32) async throws {
    // Fifty seconds pass in one.
    var configuration = EmbeddedStoreConfiguration(directory: path) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 50 + Int64(now.tv_nsec) / 20_000_000
    }
    configuration.upkeepInterval = .milliseconds(2)
    configuration.payloadFileBytes = 30_000
    configuration.retention.policy = { RetentionPolicy(.seconds(5)) }
    let store = try EmbeddedStore(configuration: configuration, logger: .silent)
    let notes = AnswerNotes(path)
    killThisProcess(after: delay)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
            group.addTask {
                for number in 0..<1_000_000 {
                    let payload = RandomBytes.make(number % 7 == 0 ? 40_000 : 2_000)
                    let isPinned = number % 5 == 0
                    let name = "r\(round)-w\(writer)-\(number)\(isPinned ? "-pinned" : "")"
                    let sample = RetainingStore.sample("shop", name, isPinned: isPinned).with {
                        $0.payload = payload
                        $0.uid = SHA256.hex(payload)
                    }
                    _ = try await store.create(sample.draft)
                    guard isPinned else { continue }
                    notes.add(name)
                }
            }
        }
        try await group.waitForAll()
    }
}
