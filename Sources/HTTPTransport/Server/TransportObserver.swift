/// What a server counts. Called on event loops: must not block.
public protocol TransportObserver: Sendable {
    /// A connection was accepted.
    func connectionOpened()
    /// A connection ended; `requests` is how many it carried (none is no error: probes connect and leave).
    func connectionClosed(requests: Int)
    /// A connection was closed because ``ServerLimits/connections`` are open.
    func connectionRefused()
    /// A TLS handshake failed; `.connectionClosed` is a client that left.
    func handshakeFailed(_ error: TransportError)
    /// A limit ended a request or a connection: which, e.g. `headerTimeout`.
    func limitReached(_ limit: String)
    /// Certificate and key were read again; nil if the new pair is in use, else why the old one was kept.
    func certificateReloaded(_ error: TransportError?)
}

/// An observer counts what it wants: the rest does nothing.
extension TransportObserver {
    /// Counts nothing.
    public func connectionOpened() {}
    /// Counts nothing.
    public func connectionClosed(requests: Int) {}
    /// Counts nothing.
    public func connectionRefused() {}
    /// Counts nothing.
    public func handshakeFailed(_ error: TransportError) {}
    /// Counts nothing.
    public func limitReached(_ limit: String) {}
    /// Counts nothing.
    public func certificateReloaded(_ error: TransportError?) {}
}

/// Counts nothing.
public struct SilentObserver: TransportObserver {
    /// Makes one.
    public init() {}
}
