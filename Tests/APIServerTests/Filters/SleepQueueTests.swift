import NIOCore
import TestSupport
import Testing

@testable import APIServer

struct SleepQueueTests {
    @Test func everySleeperWakesAndNoneBeforeItsTime() async throws {
        let queue = SleepQueue()
        let start = NIODeadline.now()
        let woken = try await withThrowingTaskGroup(of: Int64.self) { group in
            for milliseconds in [60, 20, 40, 0] as [Int64] {
                group.addTask {
                    try await queue.sleep(until: start + .milliseconds(milliseconds))
                    try #require(NIODeadline.now() >= start + .milliseconds(milliseconds))
                    return milliseconds
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(woken) == [0, 20, 40, 60])
        #expect(queue.count == 0)
    }

    @Test func whoIsCancelledIsForgottenAtOnce() async throws {
        let queue = SleepQueue()
        let far = NIODeadline.now() + .hours(1)
        let tasks = (0..<100).map { _ in Task { try await queue.sleep(until: far) } }
        try await eventually("all of them sleep") { queue.count == 100 }
        for task in tasks { task.cancel() }
        for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
        #expect(queue.count == 0)
        // A later one with a nearer deadline isn't held up by what the timer was set to.
        try await queue.sleep(until: .now() + .milliseconds(5))
    }

    @Test func aTaskThatWasCancelledBeforeDoesNotSleep() async throws {
        let queue = SleepQueue()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await queue.sleep(until: .now() + .hours(1))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(queue.count == 0)
    }
}
