internal import NIOConcurrencyHelpers

/// Whether the store is well, from what its last writes met.
///
/// A full disk or a failed write passes with the next write that succeeds. A damaged file, a file gone read-only and a
/// failed sync stay until the process is restarted: writing on could spread the damage or answer what isn't on disk.
final class StoreCondition: Sendable {
    private struct State {
        var problem: StoreError?
        var isFinal = false
    }

    private let state = NIOLockedValueBox(State())

    var health: StoreHealth {
        state.withLockedValue { $0.problem.map(StoreHealth.degraded) ?? .ok }
    }

    /// Why writes are not even tried.
    var refusal: StoreError? {
        state.withLockedValue { $0.isFinal ? $0.problem : nil }
    }

    func succeeded() {
        state.withLockedValue { if !$0.isFinal { $0.problem = nil } }
    }

    /// Notes a failure; returns whether it is news.
    func failed(_ error: StoreError) -> Bool {
        let isFinal = error.code == .corrupt || (error.cause as? SQLiteFailure)?.isFailedSync == true
        return state.withLockedValue { state in
            guard !state.isFinal else { return false }
            let isNews = state.problem != error || isFinal
            state.problem = error
            state.isFinal = isFinal
            return isNews
        }
    }
}
