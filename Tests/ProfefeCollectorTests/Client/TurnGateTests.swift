import NIOConcurrencyHelpers
import Testing

@testable import ProfefeCollector

@Suite struct TurnGateTests {
    @Test func noMoreThanThePlacesAreInside() async throws {
        let gate = TurnGate(places: 3, waiting: 1000)
        let inside = NIOLockedValueBox((now: 0, most: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await gate.turn(for: "a test") { () async throws(CollectorError) in
                        inside.withLockedValue {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        await Task.yield()
                        inside.withLockedValue { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inside.withLockedValue { $0.most } <= 3)
        #expect(inside.withLockedValue { $0.now } == 0)
    }

    @Test func whoIsCancelledWhileWaitingLeavesAndTakesNoPlace() async throws {
        let gate = TurnGate(places: 1, waiting: 10)
        let (stream, release) = AsyncStream.makeStream(of: Void.self)
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await gate.turn(for: "first") { () async throws(CollectorError) in
                enter.finish()
                for await _ in stream {}
            }
        }
        for await _ in entered {}
        let second = Task { try await gate.turn(for: "second") { () async throws(CollectorError) in } }
        second.cancel()
        let outcome = await second.result
        #expect((outcome.failure as? CollectorError)?.code == .cancelled)
        release.finish()
        try await first.value
        try await gate.turn(for: "third") { () async throws(CollectorError) in }
    }

    @Test func beyondThoseWhoMayWaitItIsOverloaded() async throws {
        let gate = TurnGate(places: 1, waiting: 0)
        try await gate.turn(for: "first") { () async throws(CollectorError) in
            do throws(CollectorError) {
                try await gate.turn(for: "second") { () async throws(CollectorError) in }
                Issue.record("the second was let in")
            } catch {
                #expect(error.code == .overloaded)
            }
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
