import NIOCore

/// What the pool decides, under its lock.
extension ClientConnectionPool.State {
    typealias Work = ClientConnectionPool.Work

    /// A place on a free connection, the one used last.
    mutating func takeFree(_ lane: inout ClientLane) -> (any ClientConnection)? {
        while let id = lane.free.last {
            guard var entry = entries[id], entry.isFree else {
                lane.free.removeLast()
                continue
            }
            entry.load += 1
            entries[id] = entry
            if !entry.isFree { lane.free.removeLast() }
            return entry.connection
        }
        return nil
    }

    /// The connection has room, or is new: those who wait get it first.
    mutating func offer(_ id: ObjectIdentifier, _ work: inout Work) {
        guard var entry = entries[id], var lane = lanes[entry.route] else { return }
        while entry.isFree, let exchange = lane.dequeue() {
            entry.load += 1
            work.starts.append((entry.connection, exchange))
        }
        entries[id] = entry
        lane.free.removeAll { $0 == id }
        if entry.isFree { lane.free.append(id) }
        lanes[entry.route] = lane
    }

    /// Opens the connections that the lane misses.
    mutating func dial(
        _ route: ClientRoute, _ lane: inout ClientLane, _ limits: HTTPClientConfiguration, _ work: inout Work
    ) {
        let missing = lane.missing(maximum: limits.multiplexedConnectionsPerOrigin)
        lane.dialing += missing
        for _ in 0..<missing { work.dials.append((route, lane.connectTimeout)) }
    }

    mutating func dial(_ route: ClientRoute, _ limits: HTTPClientConfiguration, _ work: inout Work) {
        guard var lane = lanes[route], !isShutDown else { return }
        dial(route, &lane, limits, &work)
        lanes[route] = lane
    }

    /// Those for whom the handshake was get its error.
    mutating func dialFailed(_ route: ClientRoute, _ error: TransportError, _ work: inout Work) {
        guard var lane = lanes[route] else { return }
        // While HTTP/2 connections are open, those who wait get a stream in the end.
        let waits = lane.isMultiplexed == true && lane.open > 0
        let others = lane.isMultiplexed == false ? lane.dialing : 0
        while !waits, lane.waitingCount > others, let exchange = lane.dequeue() {
            work.failures.append((exchange, error))
        }
        lanes[route] = lane
        dropIfEmpty(route)
    }

    /// Takes a connection out of use; it is closed when it carries nothing.
    mutating func retire(_ id: ObjectIdentifier, _ limits: HTTPClientConfiguration, _ work: inout Work) {
        retire(id, &work)
        guard let route = entries[id]?.route else { return }
        dial(route, limits, &work)
        dropIfEmpty(route)
    }

    private mutating func retire(_ id: ObjectIdentifier, _ work: inout Work) {
        guard var entry = entries[id], !entry.isRetired else { return }
        entry.isRetired = true
        entries[id] = entry
        lanes[entry.route]?.open -= 1
        lanes[entry.route]?.free.removeAll { $0 == id }
        if entry.isIdle { work.closes.append(entry.connection) }
    }

    /// Takes all connections of some routes out of use.
    mutating func retire(
        _ limits: HTTPClientConfiguration, _ work: inout Work, where isMeant: (ClientRoute) -> Bool
    ) {
        for (id, entry) in entries where isMeant(entry.route) { retire(id, limits, &work) }
    }

    /// Takes out of use what has been idle for too long.
    mutating func expire(_ limits: HTTPClientConfiguration, _ work: inout Work) {
        let oldest = NIODeadline.now() - TimeAmount(limits.idleTimeout)
        for (id, entry) in entries where entry.isIdle && !entry.isRetired && entry.idleSince <= oldest {
            retire(id, &work)
            dropIfEmpty(entry.route)
        }
    }

    /// A connection that became idle is kept only while there are not enough.
    mutating func boundIdle(_ id: ObjectIdentifier, _ limits: HTTPClientConfiguration, _ work: inout Work) {
        guard let entry = entries[id], entry.isIdle, !entry.isRetired else { return }
        let idle = entries.values.filter { $0.isIdle && !$0.isRetired }
        let ofRoute = idle.count { $0.route == entry.route }
        guard ofRoute > limits.idleConnectionsPerOrigin || idle.count > limits.idleConnections else { return }
        retire(id, limits, &work)
    }

    mutating func dropIfEmpty(_ route: ClientRoute) {
        if lanes[route]?.isEmpty == true { lanes[route] = nil }
    }
}
