import APIMachinery
import Testing

@testable import KubeClient

struct EventMemoryTests {
    private func event(_ number: Int, of name: String = "a") -> KubeEvent {
        KubeEvent(
            regarding: KubeObjectReference(apiVersion: "v1", kind: "Pod", namespace: "shop", name: name, uid: name),
            severity: .warning, reason: "R", action: "A", note: "\(number)")
    }

    @Test func anObjectHasSoManyEventsAndThenOneInFiveMinutes() {
        var memory = EventMemory()
        #expect((0..<25).allSatisfy { memory.judge(event($0), at: .zero) == .write })
        #expect(memory.judge(event(25), at: .zero) == .drop)
        #expect(memory.judge(event(25), at: .seconds(299)) == .drop)
        #expect(memory.judge(event(26), at: .seconds(300)) == .write)
        #expect(memory.judge(event(27), at: .seconds(300)) == .drop)
        #expect(memory.judge(event(0, of: "b"), at: .seconds(300)) == .write)
    }

    @Test func aClockThatStandsStillOrGoesBackGivesNoTokens() {
        var memory = EventMemory()
        for number in 0..<25 { _ = memory.judge(event(number), at: .seconds(10_000)) }
        #expect(memory.judge(event(25), at: .zero) == .drop)
    }

    @Test func whatIsRememberedIsBounded() {
        var memory = EventMemory()
        for number in 0..<(3 * EventMemory.limit) {
            let one = event(number, of: "\(number)")
            #expect(memory.judge(one, at: .zero) == .write)
            memory.wrote(one, at: "p", .zero)
            #expect(memory.size <= EventMemory.limit)
        }
    }

    @Test func namesDiffer() throws {
        var memory = EventMemory()
        let time = try #require(Timestamp(rfc3339: "2026-11-22T08:00:00Z"))
        #expect(Set((0..<100).map { _ in memory.suffix(time) }).count == 100)
    }
}
