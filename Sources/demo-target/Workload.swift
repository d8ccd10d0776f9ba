import NIOConcurrencyHelpers
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Threads that are busy a part of the time, and everything that is counted of them.
final class Workload: Sendable {
    let heap = HeapLedger()
    let waits = SiteTable()
    let holds = SiteTable()
    let threads = SiteTable()
    private let stacks: [CallStack]
    private let pool: NIOThreadPool
    private let isStopped = NIOLockedValueBox(false)

    /// Starts `workers` threads. Each serves a request, then rests `restMicroseconds`.
    init(workers: Int, restMicroseconds: UInt32 = 8_000) {
        stacks = (0..<max(1, workers)).map { _ in CallStack() }
        pool = NIOThreadPool(numberOfThreads: stacks.count)
        pool.start()
        let catalog = CountedLock(waits: waits, holds: holds)
        for (index, stack) in stacks.enumerated() {
            threads.add([Frame("main"), Frame("Workload.init")], [1])
            pool.submit { [heap, isStopped] state in
                guard state == .active else { return }
                var shop = Shop(
                    stack: stack, ledger: heap, catalog: catalog, seed: UInt64(truncatingIfNeeded: index) &+ 1)
                stack.call(Frame("Workload.worker")) {
                    while !isStopped.withLockedValue({ $0 }) {
                        stack.setRunning(true)
                        shop.serve()
                        stack.setRunning(false)
                        stack.call(Frame("usleep")) { _ = usleep(restMicroseconds) }
                    }
                }
            }
        }
    }

    /// The stacks of the workers that use the processor just now.
    var running: [Stack] { stacks.compactMap(\.running) }

    /// What each worker does just now, one count per worker.
    var goroutines: SiteCounts {
        var counts = SiteCounts()
        for stack in stacks where !stack.current.isEmpty { counts.add(stack.current, [1]) }
        return counts
    }

    /// Ends the threads after their current request.
    func stop() {
        isStopped.withLockedValue { $0 = true }
        pool.shutdownGracefully { _ in }
    }
}
