/// The time as the hub needs it: how late it is, and a pause.
struct EventTimer: Sendable {
    /// Since some moment.
    let now: @Sendable () -> Duration
    /// Throws if the task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        now = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
    }
}
