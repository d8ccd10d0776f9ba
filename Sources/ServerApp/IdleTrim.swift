internal import CGlibc
internal import Glibc

/// Gives free memory back to the system once the server has become idle after work: glibc keeps what lies between blocks in
/// use for ever (malloc_trim(3)), some 10 MB after a burst of uploads and lists.
///
/// Not while there is work: the walk over all blocks takes milliseconds, and the pages would be asked for again.
struct IdleTrim: Sendable {
    /// Which part of one processor the process may use and count as idle.
    private static let idleShare = 0.02

    private let interval: Duration
    private let clock: any Clock<Duration>
    private let processorTime: @Sendable () -> Duration
    private let trim: @Sendable () -> Void

    /// Looks every `interval` at the `processorTime` that the process has used so far, and calls `trim` at the first idle interval
    /// after a busy one.
    init(
        interval: Duration = .seconds(1), clock: any Clock<Duration> = ContinuousClock(),
        processorTime: @escaping @Sendable () -> Duration = Self.used,
        trim: @escaping @Sendable () -> Void = { _ = malloc_trim(0) }
    ) {
        self.interval = interval
        self.clock = clock
        self.processorTime = processorTime
        self.trim = trim
    }

    /// Runs until its task is cancelled.
    @concurrent func run() async {
        var wasBusy = false
        var before = processorTime()
        while !Task.isCancelled {
            do { try await clock.sleep(for: interval) } catch { return }
            let now = processorTime()
            let isBusy = (now - before) / interval > Self.idleShare
            if wasBusy, !isBusy { trim() }
            wasBusy = isBusy
            before = now
        }
    }

    /// User and system time of the process, all threads.
    @Sendable private static func used() -> Duration {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return .zero }
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
