import APIMachinery
import TestSupport
import Testing

@testable import ProfileStore

/// The hub's tick, by a clock that the test moves.
struct EventHubTests {
    private static func event(_ version: UInt64) -> StoreEvent {
        let sample = SampleObject("shop", "p\(version)")
        return StoreEvent(type: .added, object: sample.stored(at: ResourceVersion(version)), previous: nil)
    }

    /// A clock that the test moves, as the hub's timer.
    private static func timer(_ clock: ManualClock) -> EventTimer {
        EventTimer(
            now: { clock.now.offset },
            after: { pause, call in
                Task {
                    try? await clock.sleep(for: pause)
                    call()
                }
            })
    }

    @Test func whatIsHeldBackGoesOutWhenTheRestIsOver() async throws {
        let clock = ManualClock()
        let hub = EventHub(
            origin: ResourceVersion(1000), maximumBytes: 1 << 20, maximumCount: 100, rest: .milliseconds(10),
            timer: Self.timer(clock))
        let id = try #require(
            try hub.subscribe("profiles", WatchScope(pace: .gathered), after: ResourceVersion(1000)))
        hub.publish([Self.event(1001)])
        #expect(try await hub.next(id)?.events.count == 1)
        for _ in 0..<3 {
            async let next = hub.next(id)
            hub.publish([Self.event(1002)])
            hub.publish([Self.event(1003)])
            await clock.waitForSleepers(1)
            #expect(clock.pauses == [.milliseconds(10)])
            clock.advance(by: .milliseconds(10))
            #expect(try await next?.events.map(\.resourceVersion.rawValue) == [1002, 1003])
        }
        #expect(clock.sleeperCount == 0)
        hub.close()
        await #expect(throws: StoreError(.closed, "")) { _ = try await hub.next(id) }
    }
}
