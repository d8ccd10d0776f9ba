internal import NIOConcurrencyHelpers

/// Lets so many in at a time; others wait for their turn, in order.
final class TurnGate: Sendable {
    private struct State {
        var free: Int
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Those who are about to wait, and whether they were cancelled before they could.
        var arriving: [UInt64: Bool] = [:]
        var lastID: UInt64 = 0
    }

    private let state: NIOLockedValueBox<State>
    private let waiting: Int

    /// - Parameter waiting: how many may wait.
    init(places: Int, waiting: Int) {
        state = NIOLockedValueBox(State(free: max(1, places)))
        self.waiting = waiting
    }

    /// Runs `body` when it is its turn.
    ///
    /// - Throws: `.overloaded` if too many wait, `.cancelled`, or what `body` throws.
    func turn<Value: Sendable>(
        for what: String, _ body: () async throws(CollectorError) -> Value
    ) async throws(CollectorError) -> Value {
        try await enter(what)
        defer { leave() }
        return try await body()
    }

    private func enter(_ what: String) async throws(CollectorError) {
        enum Entry { case now, later(UInt64), refused(Int) }
        let entry: Entry = state.withLockedValue { state in
            if state.free > 0 {
                state.free -= 1
                return .now
            }
            guard state.waiters.count < waiting else { return .refused(state.waiters.count) }
            state.lastID += 1
            state.arriving[state.lastID] = false
            return .later(state.lastID)
        }
        switch entry {
        case .now: return
        case .refused(let count):
            throw CollectorError(
                .overloaded, "\(what.prefix(300)): \(count) requests wait for the collector, no more may")
        case .later(let id):
            guard await wait(id) else {
                throw CollectorError(.cancelled, "\(what.prefix(300)): cancelled while waiting for its turn")
            }
        }
    }

    /// False if the task was cancelled.
    private func wait(_ id: UInt64) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entered: Bool? = state.withLockedValue { state in
                    if state.arriving.removeValue(forKey: id) == true { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiters.append((id, continuation))
                    return nil
                }
                if let entered { continuation.resume(returning: entered) }
            }
        } onCancel: {
            let waiter = state.withLockedValue { state in
                if state.arriving[id] != nil { state.arriving[id] = true }
                return state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
    }

    private func leave() {
        let next = state.withLockedValue { state in
            if state.waiters.isEmpty {
                state.free += 1
                return CheckedContinuation<Bool, Never>?.none
            }
            return state.waiters.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
