internal import Dispatch
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Wakes tasks at their deadlines by a few timers, and forgets at once those that are cancelled.
///
/// `Task.sleep` leaves a timer of some 700 bytes behind until its time has come, also where its task was cancelled long before: a thousand
/// requests a second, each with a deadline in half a minute that hardly ever comes, kept 25 MB.
final class SleepQueue: Sendable {
    private struct Sleeper {
        let deadline: NIODeadline
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var lastID: UInt64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
        /// Cancelled before they slept.
        var cancelled: Set<UInt64> = []
        /// When the timer goes off; nil while it doesn't.
        var armed: NIODeadline?
    }

    private let state = NIOLockedValueBox(State())
    private let queue = DispatchQueue(label: "profefe.deadlines")
    /// No timer is set for a deadline that is nearer than the next one's by no more than this: ever nearer deadlines make no timer each.
    private static let slack = TimeAmount.milliseconds(5)

    /// How many tasks sleep.
    var count: Int { state.withLockedValue { $0.sleepers.count } }

    /// Returns at the deadline; throws when the task is cancelled.
    func sleep(until deadline: NIODeadline) async throws(CancellationError) {
        let id = state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLockedValue { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    arm(for: deadline, &state)
                    return false
                }
                if isCancelled { continuation.resume(returning: false) }
            }
        } onCancel: {
            let sleeper = state.withLockedValue { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(returning: false)
        }
        // Cancelled after it was due: the handler has left its number.
        _ = state.withLockedValue { $0.cancelled.remove(id) }
        guard isDue else { throw CancellationError() }
    }

    /// Has a timer go off at about the deadline, unless one does before.
    private func arm(for deadline: NIODeadline, _ state: inout State) {
        if let armed = state.armed, armed <= deadline + Self.slack { return }
        state.armed = deadline
        let left = max(0, (deadline - .now()).nanoseconds)
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(clamping: left))) { [weak self] in
            self?.wake(by: deadline)
        }
    }

    /// Wakes those whose time has come; the timer may be one that a nearer one has taken the place of.
    private func wake(by timer: NIODeadline) {
        let due = state.withLockedValue { state in
            if state.armed == timer { state.armed = nil }
            let now = NIODeadline.now()
            let due = state.sleepers.filter { $0.value.deadline <= now }
            for id in due.keys { state.sleepers[id] = nil }
            if let next = state.sleepers.values.map(\.deadline).min() { arm(for: next, &state) }
            return due.values
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }
}
