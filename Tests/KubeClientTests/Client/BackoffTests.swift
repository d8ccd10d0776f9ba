import Testing

@testable import KubeClient

struct BackoffTests {
    private let backoff = Backoff(initial: .seconds(1), factor: 2, maximum: .seconds(5), jitter: 0.5)

    @Test(arguments: [(1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (1000, 5.0), (0, 1.0)])
    func eachWaitIsLongerUpToTheMaximum(_ failures: Int, _ seconds: Double) {
        #expect(backoff.delay(afterFailures: failures, chance: 0) == .seconds(seconds))
        #expect(backoff.delay(afterFailures: failures, chance: 1) == .seconds(seconds * 1.5))
    }

    @Test func chanceOutsideOfItsRangeIsHeld() {
        #expect(backoff.delay(afterFailures: 1, chance: 9) == .seconds(1.5))
        #expect(backoff.delay(afterFailures: 1, chance: -9) == .seconds(1))
    }
}
