/// A clock that only goes forward, whatever happens to the time of day; of any kind of clock.
public struct SteadyClock: Sendable {
    private let read: @Sendable () -> Duration
    private let pause: @Sendable (Duration) async throws -> Void

    /// The time that passes on `clock` from now on.
    public init(_ clock: some Clock<Duration>) {
        let origin = clock.now
        read = { origin.duration(to: clock.now) }
        pause = { try await clock.sleep(for: $0) }
    }

    /// The system's, which also counts while the machine sleeps.
    public static let continuous = SteadyClock(ContinuousClock())

    /// Since the clock was made.
    public var now: Duration { read() }

    /// Waits. Throws `.cancelled` when the task is.
    public func sleep(for duration: Duration) async throws(KubeClientError) {
        do {
            try await pause(duration)
        } catch {
            throw KubeClientError(.cancelled, "the task was cancelled while it waited for \(duration)")
        }
    }
}
