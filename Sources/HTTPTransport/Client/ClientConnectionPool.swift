import NIOConcurrencyHelpers
import NIOCore

/// The client's open connections, and the exchanges that wait for one.
///
/// Decides under a lock and acts after it: every function may be called from any thread and returns at once.
final class ClientConnectionPool: Sendable {
    struct Entry {
        let connection: any ClientConnection
        let route: ClientRoute
        /// How many exchanges it takes at a time.
        var capacity: Int
        var load = 0
        /// Takes no more exchanges, and is closed after the last.
        var isRetired = false
        var idleSince = NIODeadline.now()

        var isFree: Bool { !isRetired && load < capacity }
        var isIdle: Bool { load == 0 }
    }
    struct State {
        var lanes: [ClientRoute: ClientLane] = [:]
        var entries: [ObjectIdentifier: Entry] = [:]
        /// The certificates in use; connections with others are retired.
        var tls: TLSContext?
        var isShutDown = false
        var sweepIsScheduled = false
    }
    /// What a decision comes to, done outside the lock.
    struct Work {
        var starts: [(any ClientConnection, ClientExchange)] = []
        var dials: [(ClientRoute, Duration)] = []
        var closes: [any ClientConnection] = []
        var failures: [(ClientExchange, TransportError)] = []
        var sweeps = false
    }

    let limits: HTTPClientConfiguration
    private let dialer: ClientDialer
    private let state = NIOLockedValueBox(State())

    init(dialer: ClientDialer) {
        self.dialer = dialer
        limits = dialer.configuration
    }

    // MARK: exchanges

    /// Gives the exchange to a connection of the route, as soon as there is one; or fails it.
    func assign(_ exchange: ClientExchange, to route: ClientRoute) {
        let ticket = decide { state, work -> Int? in
            guard !state.isShutDown else {
                work.failures.append((exchange, Self.isShutDown))
                return nil
            }
            if let tls = route.tls, tls !== state.tls {
                state.tls = tls
                state.retire(limits, &work) { $0.tls != nil && $0.tls !== tls }
            }
            state.expire(limits, &work)
            var lane = state.lanes[route] ?? ClientLane(isMultiplexed: route.tls == nil ? false : nil)
            defer { state.lanes[route] = lane }
            if let connection = state.takeFree(&lane) {
                work.starts.append((connection, exchange))
                return nil
            }
            guard lane.waitingCount < limits.queuedRequestsPerOrigin else {
                let text = "\(lane.waitingCount) requests wait for \(route.origin), no more may"
                work.failures.append((exchange, TransportError(.overloaded, text)))
                return nil
            }
            let ticket = lane.enqueue(exchange)
            state.dial(route, &lane, limits, &work)
            return ticket
        }
        guard let ticket else { return }
        let place = ClientWaitingPlace(pool: self, route: route, ticket: ticket, exchange: exchange)
        exchange.wait(at: place, on: dialer.group.any())
    }

    /// An exchange waits no longer.
    func forget(_ ticket: Int, _ route: ClientRoute, _ exchange: ClientExchange) {
        decide { state, _ in
            state.lanes[route]?.forget(ticket, exchange)
            state.dropIfEmpty(route)
        }
    }

    // MARK: what connections tell

    /// An exchange has ended: its place is free.
    func ended(_ connection: any ClientConnection) {
        decide { state, work in
            let id = ObjectIdentifier(connection)
            guard var entry = state.entries[id] else { return }
            entry.load -= 1
            entry.idleSince = .now()
            state.entries[id] = entry
            if entry.isRetired {
                if entry.isIdle { work.closes.append(connection) }
                return
            }
            state.offer(id, &work)
            state.boundIdle(id, limits, &work)
        }
    }

    /// The peer changed how many exchanges it takes at a time.
    func setCapacity(_ capacity: Int, of connection: any ClientConnection) {
        decide { state, work in
            let id = ObjectIdentifier(connection)
            state.entries[id]?.capacity = capacity
            state.offer(id, &work)
        }
    }

    /// The connection takes no more exchanges: GOAWAY.
    func retire(_ connection: any ClientConnection) {
        decide { state, work in state.retire(ObjectIdentifier(connection), limits, &work) }
    }

    /// The connection is gone.
    func closed(_ connection: any ClientConnection) {
        decide { state, work in
            let id = ObjectIdentifier(connection)
            state.retire(id, limits, &work)
            state.entries[id] = nil
        }
    }

    // MARK: handshakes

    private func dialed(_ route: ClientRoute, _ result: Result<DialedConnection, TransportError>) {
        decide { state, work in
            // The lane is there as long as a handshake is under way.
            var lane = state.lanes[route] ?? ClientLane(isMultiplexed: nil)
            lane.dialing -= 1
            switch result {
            case .failure(let error):
                state.lanes[route] = lane
                state.dialFailed(route, error, &work)
            case .success(let dialed):
                guard !state.isShutDown else { return work.closes.append(dialed.connection) }
                lane.isMultiplexed = dialed.isMultiplexed
                lane.open += 1
                state.lanes[route] = lane
                let id = ObjectIdentifier(dialed.connection)
                state.entries[id] = Entry(
                    connection: dialed.connection, route: route, capacity: dialed.isMultiplexed ? 100 : 1)
                state.offer(id, &work)
                state.boundIdle(id, limits, &work)
                if let tls = route.tls, tls !== state.tls { state.retire(id, limits, &work) }
                state.dial(route, limits, &work)
            }
        }
    }

    // MARK: the whole

    /// How many connections are open, and how many of them carry nothing.
    var counts: (open: Int, idle: Int) {
        state.withLockedValue { ($0.entries.count, $0.entries.values.count(where: \.isIdle)) }
    }

    /// How many connections of a route take exchanges.
    func openCount(_ route: ClientRoute) -> Int { state.withLockedValue { $0.lanes[route]?.open ?? 0 } }

    /// Closes what is idle and gives nothing more to the rest.
    func retireAll() {
        decide { state, work in state.retire(limits, &work) { _ in true } }
    }

    /// Takes no more connections and hands out all there are, to be closed.
    func shutDown() -> [any ClientConnection] {
        decide { state, work in
            state.isShutDown = true
            for route in Array(state.lanes.keys) {
                while let exchange = state.lanes[route]?.dequeue() {
                    work.failures.append((exchange, Self.isShutDown))
                }
                state.lanes[route]?.free = []
            }
            return state.entries.values.map(\.connection)
        }
    }

    private static var isShutDown: TransportError { TransportError(.shuttingDown, "the client is shut down") }

    // MARK: acting

    @discardableResult
    private func decide<R>(_ decision: (inout State, inout Work) -> R) -> R {
        let (result, work) = state.withLockedValue { state in
            var work = Work()
            let result = decision(&state, &work)
            // One timer for all: it looks at what waits, and is set again while something does.
            if !state.sweepIsScheduled, !state.isShutDown, state.entries.values.contains(where: \.isIdle) {
                state.sweepIsScheduled = true
                work.sweeps = true
            }
            return (result, work)
        }
        perform(work)
        return result
    }

    private func perform(_ work: Work) {
        for (connection, exchange) in work.starts { connection.start(exchange) }
        for (exchange, error) in work.failures { exchange.fail(error) }
        for connection in work.closes { connection.close() }
        for (route, timeout) in work.dials {
            dialer.dial(route, timeout: timeout, pool: self) { self.dialed(route, $0) }
        }
        guard work.sweeps else { return }
        dialer.group.any().scheduleTask(in: TimeAmount(limits.idleTimeout) + .milliseconds(1)) { [weak self] in
            self?.decide { state, work in
                state.sweepIsScheduled = false
                guard let limits = self?.limits else { return }
                state.expire(limits, &work)
            }
        }
    }
}
