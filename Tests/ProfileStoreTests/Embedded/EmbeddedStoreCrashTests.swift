import APIMachinery
import Digests
import Glibc
import Logging
import TestSupport
import Testing

@testable import ProfileStore

/// kill -9 for real: a child process writes with eight writers and is killed at a moment nobody chose.
@Suite struct EmbeddedStoreCrashTests {
    @Test func everythingAnsweredIsThereAfterKills() async throws {
        let directory = try TemporaryDirectory("store")
        let path = directory.path
        var highest: UInt64 = 0
        for round in 0..<5 {
            let delay = UInt32.random(in: 30_000...300_000)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, round = round as Int, delay = delay as UInt32] in
                try await writeUntilKilled(path, round, delay)
            }
            let store = try EmbeddedStore(configuration: .still(path), logger: .silent)
            let answered = answers(path)
            try #require(!answered.isEmpty)
            #expect(store.currentVersion.rawValue >= answered.map(\.version).max() ?? 0)
            #expect(store.currentVersion.rawValue >= highest)
            for answer in answered {
                let key = ObjectKey(namespace: "shop", name: answer.name)
                let payload = try #require(try await store.payload("profiles", key), "\(answer.name) is lost")
                try #require(SHA256.hex(payload) == answer.sha256)
                let object = try #require(try await store.get("profiles", key))
                try #require(object.resourceVersion.rawValue == answer.version)
            }
            let page = try await store.page(ObjectQuery(resource: "profiles"))
            #expect(Set(page.items.map(\.resourceVersion)).count == page.items.count)
            let next = try await store.create(SampleObject("check", "round-\(round)").draft)
            #expect(next.resourceVersion.rawValue > page.items.map(\.resourceVersion.rawValue).max() ?? 0)
            highest = next.resourceVersion.rawValue
            await store.close()
        }
    }
}

private struct Answer {
    let name: String
    let version: UInt64
    let sha256: String
}

/// Writes with eight tasks, noting each answer in a file, until a thread of its own kills the process.
private func writeUntilKilled(_ path: String, _ round: Int, _ delay: UInt32) async throws {
    let store = try EmbeddedStore(configuration: .still(path), logger: .silent)
    let notes = AnswerNotes(path)
    killThisProcess(after: delay)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
            group.addTask {
                for number in 0..<1_000_000 {
                    let payload = RandomBytes.make(23_000)
                    let sample = SampleObject("shop", "r\(round)-w\(writer)-\(number)").with { $0.payload = payload }
                    let stored = try await store.create(sample.draft)
                    notes.add("\(sample.key.name) \(stored.resourceVersion) \(SHA256.hex(payload))")
                }
            }
        }
        try await group.waitForAll()
    }
}

/// What was answered before the kill: whole lines only.
private func answers(_ path: String) -> [Answer] {
    AnswerNotes.lines(path).compactMap {
        let parts = $0.split(separator: " ")
        guard parts.count == 3, let version = UInt64(parts[1]) else { return nil }
        return Answer(name: String(parts[0]), version: version, sha256: String(parts[2]))
    }
}
