import NIOConcurrencyHelpers
import NIOCore

/// The client's open connections: all of them, and per origin those that wait for work, newest last.
final class ClientConnectionPool: Sendable {
    private struct Idle {
        let connection: HTTP1ClientConnection
        let since: NIODeadline
    }
    private struct State {
        var idle: [ClientOrigin: [Idle]] = [:]
        var idleCount = 0
        var open: [ObjectIdentifier: HTTP1ClientConnection] = [:]
        var isShutDown = false
    }

    private let limits: HTTPClientConfiguration
    private let state = NIOLockedValueBox(State())

    init(limits: HTTPClientConfiguration) { self.limits = limits }

    /// The connection to `origin` that was used last, if one has not waited for too long; closes those that have.
    func take(_ origin: ClientOrigin, now: NIODeadline = .now()) -> HTTP1ClientConnection? {
        let oldest = now - TimeAmount(limits.idleTimeout)
        let (taken, expired) = state.withLockedValue { state -> (HTTP1ClientConnection?, [HTTP1ClientConnection]) in
            let waiting = state.idle.removeValue(forKey: origin) ?? []
            var fresh = waiting.filter { $0.since >= oldest }
            let taken = fresh.popLast()?.connection
            state.idleCount -= waiting.count - fresh.count
            if !fresh.isEmpty { state.idle[origin] = fresh }
            return (taken, waiting.filter { $0.since < oldest }.map(\.connection))
        }
        for connection in expired { connection.close() }
        return taken
    }

    /// A new connection; false if the client is shut down.
    func opened(_ connection: HTTP1ClientConnection) -> Bool {
        state.withLockedValue { state in
            guard !state.isShutDown else { return false }
            state.open[ObjectIdentifier(connection)] = connection
            return true
        }
    }

    /// Keeps a connection that has done its work, or closes it where there are enough.
    func put(_ connection: HTTP1ClientConnection, now: NIODeadline = .now()) {
        let kept = state.withLockedValue { state in
            let waiting = state.idle[connection.origin]?.count ?? 0
            guard !state.isShutDown, waiting < limits.idleConnectionsPerOrigin, state.idleCount < limits.idleConnections
            else { return false }
            state.idle[connection.origin, default: []].append(Idle(connection: connection, since: now))
            state.idleCount += 1
            return true
        }
        if !kept { connection.close() }
    }

    /// A connection is gone.
    func closed(_ connection: HTTP1ClientConnection) {
        state.withLockedValue { state in
            state.open[ObjectIdentifier(connection)] = nil
            guard var waiting = state.idle.removeValue(forKey: connection.origin) else { return }
            let before = waiting.count
            waiting.removeAll { $0.connection === connection }
            state.idleCount -= before - waiting.count
            if !waiting.isEmpty { state.idle[connection.origin] = waiting }
        }
    }

    /// Closes what has waited longer than the idle timeout.
    func closeExpired(now: NIODeadline = .now()) {
        let oldest = now - TimeAmount(limits.idleTimeout)
        let expired = state.withLockedValue { state in
            state.idle.values.flatMap { $0.filter { $0.since < oldest } }.map(\.connection)
        }
        for connection in expired {
            closed(connection)
            connection.close()
        }
    }

    /// How many connections are open, and how many of them wait.
    var counts: (open: Int, idle: Int) { state.withLockedValue { ($0.open.count, $0.idleCount) } }

    /// Takes no more connections and hands out all there are, to be closed.
    func shutDown() -> [HTTP1ClientConnection] {
        state.withLockedValue { state in
            state.isShutDown = true
            state.idle = [:]
            state.idleCount = 0
            return Array(state.open.values)
        }
    }
}
