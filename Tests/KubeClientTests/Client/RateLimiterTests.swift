import TestSupport
import Testing

@testable import KubeClient

struct RateLimiterTests {
    private let clock = ManualClock()
    private var limiter: RateLimiter { RateLimiter(RateLimit(perSecond: 2, burst: 3), clock: SteadyClock(clock)) }

    @Test func aBurstIsFreeAndTheNextWaitsItsTurn() {
        let limiter = limiter
        let delays = (0..<5).map { _ in limiter.take(now: .zero, latest: .seconds(60)) }
        #expect(delays == [.zero, .zero, .zero, .milliseconds(500), .seconds(1)])
    }

    @Test func tokensComeBackUpToTheBurst() {
        let limiter = limiter
        for _ in 0..<3 { _ = limiter.take(now: .zero, latest: .seconds(60)) }
        #expect(limiter.take(now: .milliseconds(500), latest: .seconds(60)) == .zero)
        let later = Duration.seconds(3600)
        let delays = (0..<4).map { _ in limiter.take(now: later, latest: .seconds(7200)) }
        #expect(delays == [.zero, .zero, .zero, .milliseconds(500)])
    }

    @Test func whatCantBeServedInTimeTakesNoToken() async {
        let limiter = limiter
        for _ in 0..<3 { _ = limiter.take(now: .zero, latest: .seconds(60)) }
        #expect(limiter.take(now: .zero, latest: .milliseconds(400)) == nil)
        #expect(limiter.take(now: .zero, latest: .milliseconds(600)) == .milliseconds(500))
    }

    @Test func aWaitThatIsTooLongFailsAtOnce() async {
        let limiter = RateLimiter(RateLimit(perSecond: 1, burst: 1), clock: SteadyClock(clock))
        #expect(await failure { () throws(KubeClientError) in try await limiter.wait(until: .seconds(1)) } == nil)
        let error = await failure { () throws(KubeClientError) in try await limiter.wait(until: .milliseconds(10)) }
        #expect(error == KubeClientError(.timedOut, ""))
        #expect(error?.message.contains("1.0 requests a second") == true)
    }

    @Test func aClockThatStandsStillOrGoesBackGivesNoTokens() {
        let limiter = limiter
        for _ in 0..<3 { _ = limiter.take(now: .seconds(10), latest: .seconds(60)) }
        #expect(limiter.take(now: .seconds(5), latest: .seconds(60)) == .milliseconds(500))
    }
}
