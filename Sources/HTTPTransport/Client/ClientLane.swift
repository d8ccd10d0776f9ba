/// The connections of one route and who waits for them; a part of ``ClientConnectionPool``'s state.
struct ClientLane {
    /// Connections that take another exchange, the one used last at the end.
    var free: [ObjectIdentifier] = []
    /// Connections that are not retired.
    var open = 0
    /// Handshakes under way.
    var dialing = 0
    /// Whether connections carry many exchanges at a time (HTTP/2); nil until the first handshake tells.
    var isMultiplexed: Bool?
    /// The longest time that one of those who waited gave a handshake.
    var connectTimeout = Duration.zero

    private var waiting: [Int: ClientExchange] = [:]
    private var first = 0
    private var next = 0

    init(isMultiplexed: Bool?) { self.isMultiplexed = isMultiplexed }

    /// How many wait.
    var waitingCount: Int { waiting.count }
    /// Nobody needs this lane.
    var isEmpty: Bool { open == 0 && dialing == 0 && waiting.isEmpty }

    /// How many more connections to open: one for each that waits in HTTP/1.1, one at a time and up to `maximum` in HTTP/2; one until it
    /// is known, which all wait for.
    func missing(maximum: Int) -> Int {
        switch isMultiplexed {
        case false?: max(0, waiting.count - dialing)
        case true?: waiting.isEmpty || dialing > 0 || open >= maximum ? 0 : 1
        case nil: waiting.isEmpty || dialing > 0 ? 0 : 1
        }
    }

    /// Puts an exchange at the end of the queue; returns its ticket.
    mutating func enqueue(_ exchange: ClientExchange) -> Int {
        connectTimeout = max(connectTimeout, exchange.deadlines.connect)
        waiting[next] = exchange
        next += 1
        return next - 1
    }

    /// The exchange that has waited longest.
    mutating func dequeue() -> ClientExchange? {
        while first < next {
            first += 1
            if let exchange = waiting.removeValue(forKey: first - 1) { return exchange }
        }
        return nil
    }

    /// An exchange waits no longer. It may have been taken out before, and the ticket be another's of a later lane.
    mutating func forget(_ ticket: Int, _ exchange: ClientExchange) {
        if waiting[ticket] === exchange { waiting[ticket] = nil }
    }
}

/// A place in a lane's queue, as the exchange that waits has it.
final class ClientWaitingPlace: ClientCarrier {
    private let pool: ClientConnectionPool
    private let route: ClientRoute
    private let ticket: Int
    private let exchange: ClientExchange

    init(pool: ClientConnectionPool, route: ClientRoute, ticket: Int, exchange: ClientExchange) {
        self.pool = pool
        self.route = route
        self.ticket = ticket
        self.exchange = exchange
    }

    func bodyConsumed(_ bytes: Int) {}
    func cancel() { pool.forget(ticket, route, exchange) }

    /// Why the wait was in vain.
    func reason(after limit: Duration) -> String {
        let open = pool.openCount(route)
        return open == 0
            ? "connect to \(route.origin) took longer than \(limit)"
            : "connect: no stream to \(route.origin) was free for \(limit) on its \(open) connections"
    }
}
