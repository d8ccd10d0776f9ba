import NIOConcurrencyHelpers
import Testing

@testable import APIServer

/// Something to wait at until the test opens it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var count = 0
    }
    private let state = NIOLockedValueBox(State())

    /// How many have come to it.
    var arrivals: Int { state.withLockedValue { $0.count } }

    func open() {
        let waiting = state.withLockedValue { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLockedValue { state in
                state.count += 1
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func waitForArrivals(_ count: Int) async { while arrivals < count { await Task.yield() } }
}

struct CoalescedCallsTests {
    struct Trouble: Error, Equatable {}

    private func wait(for condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test func aThousandAtATimeMakeOneCall() async throws {
        let calls = CoalescedCalls<String, Int>()
        let gate = Gate()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1000 {
                group.addTask {
                    try await calls.value(of: "a") {
                        await gate.pass()
                        return 7
                    }
                }
            }
            await wait { calls.waitingCount == 999 }
            gate.open()
            return try await group.reduce(0, +)
        }
        #expect(sum == 7000)
        #expect(gate.arrivals == 1)
        #expect(calls.activeCount == 0 && calls.waitingCount == 0)
    }

    @Test func otherKeysDoNotWait() async throws {
        let calls = CoalescedCalls<String, Int>()
        let gate = Gate()
        async let slow = calls.value(of: "slow") {
            await gate.pass()
            return 1
        }
        await gate.waitForArrivals(1)
        #expect(try await calls.value(of: "quick") { 2 } == 2)
        gate.open()
        #expect(try await slow == 1)
    }

    @Test func aFailureIsEverybodysAndNobodysLater() async throws {
        let calls = CoalescedCalls<String, Int>()
        let gate = Gate()
        let failures = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        _ = try await calls.value(of: "a") {
                            await gate.pass()
                            throw Trouble()
                        }
                        return false
                    } catch {
                        return error is Trouble
                    }
                }
            }
            await wait { calls.waitingCount == 9 }
            gate.open()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 10)
        #expect(try await calls.value(of: "a") { 3 } == 3)
    }

    @Test func whenTheCallerIsCancelledTheNextCalls() async throws {
        let calls = CoalescedCalls<String, Int>()
        let first = Gate()
        let leader = Task {
            try await calls.value(of: "a") {
                await first.pass()
                try Task.checkCancellation()
                return 1
            }
        }
        await first.waitForArrivals(1)
        let second = Gate()
        let followers = (0..<5).map { _ in
            Task {
                try await calls.value(of: "a") {
                    await second.pass()
                    return 2
                }
            }
        }
        await wait { calls.waitingCount == 5 }
        leader.cancel()
        first.open()
        await #expect(throws: CancellationError.self) { try await leader.value }
        await second.waitForArrivals(1)
        second.open()
        for follower in followers { #expect(try await follower.value == 2) }
        #expect(second.arrivals == 1)
        #expect(calls.activeCount == 0)
    }

    @Test func whoIsCancelledWhileWaitingLeavesAtOnce() async throws {
        let calls = CoalescedCalls<String, Int>()
        let gate = Gate()
        let leader = Task {
            try await calls.value(of: "a") {
                await gate.pass()
                return 1
            }
        }
        await gate.waitForArrivals(1)
        let follower = Task { try await calls.value(of: "a") { 2 } }
        await wait { calls.waitingCount == 1 }
        follower.cancel()
        await #expect(throws: CancellationError.self) { try await follower.value }
        #expect(calls.waitingCount == 0)
        gate.open()
        #expect(try await leader.value == 1)
    }

    @Test func whoIsCancelledBeforeItWaitsLeavesToo() async throws {
        let calls = CoalescedCalls<String, Int>()
        let gate = Gate()
        let leader = Task {
            try await calls.value(of: "a") {
                await gate.pass()
                return 1
            }
        }
        await gate.waitForArrivals(1)
        let start = Gate()
        let follower = Task {
            await start.pass()
            return try await calls.value(of: "a") { 2 }
        }
        await start.waitForArrivals(1)
        follower.cancel()
        start.open()
        await #expect(throws: CancellationError.self) { try await follower.value }
        gate.open()
        #expect(try await leader.value == 1)
    }
}
