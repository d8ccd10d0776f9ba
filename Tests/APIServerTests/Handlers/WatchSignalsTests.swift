import APIMachinery
import NIOConcurrencyHelpers
import Testing

@testable import APIServer

struct WatchSignalsTests {
    /// A source that has nothing to tell and counts who interrupts it.
    final class Silence: WatchSource {
        let interruptions = NIOLockedValueBox(0)

        func next() async throws -> WatchBatch? { WatchBatch([], through: nil) }
        func interrupt() { interruptions.withLockedValue { $0 += 1 } }
    }

    @Test func aBookmarkIsTakenOnceTheEndStaysAndBothInterruptTheSource() {
        let source = Silence()
        let signals = WatchSignals(interrupting: source)
        #expect(!signals.take().bookmark && !signals.take().end)
        signals.requestBookmark()
        signals.requestBookmark()
        #expect(source.interruptions.withLockedValue { $0 } == 2)
        let first = signals.take()
        #expect(first.bookmark && !first.end)
        #expect(!signals.take().bookmark)
        signals.end()
        signals.requestBookmark()
        #expect(source.interruptions.withLockedValue { $0 } == 4)
        let last = signals.take()
        #expect(last.bookmark && last.end)
        #expect(signals.take().end)
    }

    @Test func drainingRunsEachActionOnceAlsoThoseThatComeLate() {
        let drain = DrainSignal()
        let ended = NIOLockedValueBox<[String]>([])
        func action(_ name: String) -> @Sendable () -> Void { { ended.withLockedValue { $0.append(name) } } }
        _ = drain.onDrain(action("early"))
        drain.cancel(drain.onDrain(action("cancelled")))
        #expect(!drain.isDraining)
        drain.drain()
        drain.drain()
        _ = drain.onDrain(action("late"))
        #expect(drain.isDraining)
        #expect(ended.withLockedValue { $0 } == ["early", "late"])
    }
}
