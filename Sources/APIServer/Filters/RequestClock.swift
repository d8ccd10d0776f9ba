public import NIOCore

/// The time by which deadlines and latencies are measured. A value, so that tests can drive it.
public struct RequestClock: Sendable {
    /// The time now.
    public let now: @Sendable () -> NIODeadline
    /// Returns at the time, or throws when its task is cancelled.
    public let sleep: @Sendable (_ until: NIODeadline) async throws -> Void

    /// A clock of two functions.
    public init(
        now: @escaping @Sendable () -> NIODeadline, sleep: @escaping @Sendable (NIODeadline) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The system's monotonic clock.
    public static let system = {
        let sleepers = SleepQueue()
        return RequestClock(now: { .now() }) { deadline in
            if deadline > .now() { try await sleepers.sleep(until: deadline) }
        }
    }()
}
