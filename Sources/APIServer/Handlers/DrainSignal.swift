internal import NIOConcurrencyHelpers

/// Says once that the server is about to stop, so that answers without an end come to theirs.
///
/// States: serving → draining. Actions registered while draining run at once.
public final class DrainSignal: Sendable {
    private struct State {
        var draining = false
        var nextID: UInt64 = 0
        var actions: [UInt64: @Sendable () -> Void] = [:]
    }

    /// What to call to be told no more.
    public struct Registration: Sendable {
        fileprivate let id: UInt64
    }

    private let state = NIOLockedValueBox(State())

    /// Serving.
    public init() {}

    /// Whether the server is about to stop.
    public var isDraining: Bool { state.withLockedValue(\.draining) }

    /// Runs the registered actions on the caller's thread, each once; later calls do nothing.
    public func drain() {
        for action in begin() { action() }
    }

    private func begin() -> [@Sendable () -> Void] {
        state.withLockedValue { state in
            state.draining = true
            defer { state.actions = [:] }
            return Array(state.actions.values)
        }
    }

    /// As ``drain()``, the actions spread evenly over `time`, so that not all clients come back at once. Cancelling the task runs
    /// those that are left at once.
    public func drain(over time: Duration, clock: any Clock<Duration> = ContinuousClock()) async {
        let actions = begin()
        let steps = time > .zero ? min(actions.count, Self.steps) : 1
        var rest = actions[...]
        for step in stride(from: steps, to: 0, by: -1) {
            let count = rest.count / step
            for action in rest.prefix(count) { action() }
            rest = rest.dropFirst(count)
            if step > 1 { try? await clock.sleep(for: time / steps) }
        }
    }

    /// Into how many parts the watches are divided at most.
    private static let steps = 50

    /// Calls `action` when draining begins, or now if it has.
    public func onDrain(_ action: @escaping @Sendable () -> Void) -> Registration {
        let (id, now) = state.withLockedValue { state in
            state.nextID &+= 1
            if !state.draining { state.actions[state.nextID] = action }
            return (state.nextID, state.draining)
        }
        if now { action() }
        return Registration(id: id)
    }

    /// Forgets an action.
    public func cancel(_ registration: Registration) {
        _ = state.withLockedValue { $0.actions.removeValue(forKey: registration.id) }
    }
}
