internal import Dispatch

/// The time as the hub needs it: how late it is, and a call when some time has passed.
struct EventTimer: Sendable {
    /// Since some moment.
    let now: @Sendable () -> Duration
    /// Calls once, on another thread.
    let after: @Sendable (Duration, @escaping @Sendable () -> Void) -> Void

    /// The system's time. Calls come on a thread of their own: they don't wait behind what tasks compute.
    static func system() -> EventTimer {
        let start = ContinuousClock.now
        let queue = DispatchQueue(label: "profefe.store.events")
        return EventTimer(
            now: { ContinuousClock.now - start },
            after: { pause, call in
                let microseconds = Int(min(pause, .seconds(60)) / .microseconds(1))
                queue.asyncAfter(deadline: .now() + .microseconds(microseconds), execute: call)
            })
    }
}
