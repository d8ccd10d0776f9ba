import APIMachinery
import Testing

@testable import APIServer

struct WatchMailboxTests {
    static func progress(_ version: UInt64) -> WatchEvent { .progress(ResourceVersion(version)) }

    @Test func whatWasPostedBeforeTheEndIsStillTaken() async {
        let mailbox = WatchMailbox(capacity: 8)
        await mailbox.post(Self.progress(1))
        mailbox.requestBookmark()
        mailbox.end()
        await mailbox.post(Self.progress(2))
        let batch = await mailbox.take()
        #expect(batch.events.compactMap(\.version) == [ResourceVersion(1)])
        #expect(batch.bookmarkDue)
        #expect(batch.ended)
        let after = await mailbox.take()
        #expect(after.ended && after.events.isEmpty && !after.bookmarkDue)
    }

    @Test(arguments: [1, 2, 64])
    func w11AFullMailboxHoldsWhoPostsLosesNothingAndKeepsTheOrder(_ capacity: Int) async {
        let mailbox = WatchMailbox(capacity: capacity)
        async let posting: Void = {
            for version in 1...1000 { await mailbox.post(Self.progress(UInt64(version))) }
            mailbox.end()
        }()
        var versions: [UInt64] = []
        while true {
            let batch = await mailbox.take()
            #expect(batch.events.count <= capacity)
            versions += batch.events.compactMap(\.version?.rawValue)
            if batch.ended { break }
        }
        await posting
        #expect(versions == Array(1...1000))
    }

    @Test func cancellingEndsWhoeverWaits() async {
        let mailbox = WatchMailbox(capacity: 1)
        let taker = Task { await mailbox.take().ended }
        taker.cancel()
        #expect(await taker.value)
        let full = WatchMailbox(capacity: 1)
        let poster = Task { await full.post(Self.progress(1)) }
        poster.cancel()
        await poster.value
        #expect(await full.take().ended)
    }

    @Test func drainingRunsEachActionOnceAlsoThoseThatComeLate() async {
        let drain = DrainSignal()
        let (early, cancelled, late) = (WatchMailbox(capacity: 1), WatchMailbox(capacity: 1), WatchMailbox(capacity: 1))
        _ = drain.onDrain { early.end() }
        drain.cancel(drain.onDrain { cancelled.end() })
        #expect(!drain.isDraining)
        drain.drain()
        drain.drain()
        _ = drain.onDrain { late.end() }
        #expect(drain.isDraining)
        #expect(await early.take().ended)
        #expect(await late.take().ended)
        cancelled.requestBookmark()
        #expect(await !cancelled.take().ended)
    }
}
