import NIOConcurrencyHelpers
import NIOCore

/// The open connections of a server.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [UInt64: any Channel] = [:]
        var lastID: UInt64 = 0
        var drain: DrainEvent?
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = NIOLockedValueBox(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes in a connection and numbers it; nil if there are too many.
    func add(_ channel: any Channel) -> UInt64? {
        state.withLockedValue { state in
            guard state.channels.count < limit else { return nil }
            state.lastID &+= 1
            state.channels[state.lastID] = channel
            return state.lastID
        }
    }

    /// Forgets a connection that is closed.
    func remove(_ id: UInt64) {
        let waiters = state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
            state.channels[id] = nil
            guard state.channels.isEmpty else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    var count: Int { state.withLockedValue { $0.channels.count } }

    /// Tells all connections; one that is still in its handshake learns it by ``drain`` afterwards.
    func fire(_ event: DrainEvent) {
        let channels = state.withLockedValue { state in
            state.drain = event
            return Array(state.channels.values)
        }
        for channel in channels {
            channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(event) }
        }
    }

    /// What was fired last.
    var drain: DrainEvent? { state.withLockedValue { $0.drain } }

    /// Returns when no connection is open, or the task is cancelled.
    func whenEmpty() async {
        let id = state.withLockedValue { state in
            state.lastID &+= 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLockedValue { state in
                    // Read under the lock: a cancellation after this finds the continuation.
                    if state.channels.isEmpty || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
