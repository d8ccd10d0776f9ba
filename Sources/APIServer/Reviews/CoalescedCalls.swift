internal import NIOConcurrencyHelpers

/// Lets those who ask the same at the same time wait for one call.
///
/// The first makes the call, the others wait for its outcome, errors included. If the first is cancelled meanwhile, one of those who
/// wait makes the call anew. Who is cancelled while waiting leaves at once. Nothing runs on its own: the call is always made by
/// one of the tasks that want its outcome.
package final class CoalescedCalls<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Turn: Sendable {
        case call
        case take(Result<Value, any Error>)
        case leave
    }
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Turn, Never>
    }
    private struct State {
        /// Those who wait, by what is being called.
        var waiters: [Key: [Waiter]] = [:]
        /// Those who are about to wait, and whether they were cancelled before they could.
        var arriving: [Int: Bool] = [:]
        var nextID = 0
    }
    private let state = NIOLockedValueBox(State())

    /// Nobody asks yet.
    package init() {}

    /// How many calls are being made.
    var activeCount: Int { state.withLockedValue { $0.waiters.count } }
    /// How many wait for one that others make.
    var waitingCount: Int { state.withLockedValue { $0.waiters.values.reduce(0) { $0 + $1.count } } }

    /// The outcome of `call`, made here or by another who asked for the same key.
    package func value(of key: Key, _ call: () async throws -> Value) async throws -> Value {
        switch await turn(key) {
        case .take(let result): return try result.get()
        case .leave: throw CancellationError()
        case .call: break
        }
        do {
            let value = try await call()
            finish(key, .success(value))
            return value
        } catch {
            if Task.isCancelled { passOn(key) } else { finish(key, .failure(error)) }
            throw error
        }
    }

    private func turn(_ key: Key) async -> Turn {
        let id: Int? = state.withLockedValue { state in
            guard state.waiters[key] != nil else {
                state.waiters[key] = []
                return nil
            }
            state.nextID &+= 1
            state.arriving[state.nextID] = false
            return state.nextID
        }
        guard let id else { return .call }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(Waiter(id: id, continuation: continuation), key)?.resume()
            }
        } onCancel: {
            cancel(id, key)
        }
    }

    /// What to do once the lock is released.
    private struct Resumption {
        let continuation: CheckedContinuation<Turn, Never>
        let turn: Turn
        func resume() { continuation.resume(returning: turn) }
    }

    private func wait(_ waiter: Waiter, _ key: Key) -> Resumption? {
        state.withLockedValue { state in
            if state.arriving.removeValue(forKey: waiter.id) == true {
                return Resumption(continuation: waiter.continuation, turn: .leave)
            }
            guard state.waiters[key] != nil else {
                // The call ended between the question and here: this one is next.
                state.waiters[key] = []
                return Resumption(continuation: waiter.continuation, turn: .call)
            }
            state.waiters[key]?.append(waiter)
            return nil
        }
    }

    private func cancel(_ id: Int, _ key: Key) {
        let waiter: Waiter? = state.withLockedValue { state in
            if state.arriving[id] != nil { state.arriving[id] = true }
            // Not there either: its turn has come already.
            guard let index = state.waiters[key]?.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters[key]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: .leave)
    }

    private func finish(_ key: Key, _ result: Result<Value, any Error>) {
        let waiters = state.withLockedValue { $0.waiters.removeValue(forKey: key) } ?? []
        for waiter in waiters { waiter.continuation.resume(returning: .take(result)) }
    }

    /// The call was given up by who made it: the next makes it.
    private func passOn(_ key: Key) {
        let next: Waiter? = state.withLockedValue { state in
            guard let waiters = state.waiters[key], !waiters.isEmpty else {
                state.waiters[key] = nil
                return nil
            }
            return state.waiters[key]?.removeFirst()
        }
        next?.continuation.resume(returning: .call)
    }
}
