import NIOConcurrencyHelpers
import Testing

@testable import ServerApp

struct IdleTrimTests {
    /// Processor time at each look, in intervals, the same from the last on; trims happen at the looks of these numbers.
    @Test(arguments: [
        ([0, 0, 0, 0], []),
        ([0, 1, 2, 2, 2, 2], [3]),
        ([0, 1, 1, 2, 2, 2], [2, 4]),
        ([5, 5, 5, 6, 7, 8], [6]),
    ])
    func memoryIsGivenBackOnceWhenWorkEnds(used: [Int], expected: [Int]) async {
        let looks = NIOLockedValueBox(-1)
        let trims = NIOLockedValueBox<[Int]>([])
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let interval = Duration.nanoseconds(10)
        let trimming = IdleTrim(
            interval: interval,
            processorTime: {
                let look = looks.withLockedValue { look in
                    look += 1
                    return look
                }
                if look >= used.count { end.finish() }
                return interval * used[min(look, used.count - 1)]
            },
            trim: {
                let look = looks.withLockedValue { $0 }
                trims.withLockedValue { $0.append(look) }
            })
        let task = Task { await trimming.run() }
        for await _ in ended {}
        task.cancel()
        await task.value
        #expect(trims.withLockedValue { $0 } == expected)
    }
}
