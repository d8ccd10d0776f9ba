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

extension TransportObserver {
    /// A connection was accepted.
    public func connectionOpened() {}
    /// A connection ended.
    public func connectionClosed(requests: Int) {}
    /// A connection was closed because too many are open.
    public func connectionRefused() {}
    /// A TLS handshake failed.
    public func handshakeFailed(_ error: TransportError) {}
    /// A limit ended a request or a connection.
    public func limitReached(_ limit: String) {}
    /// The serving certificate was read again, or could not be.
    public func certificateReloaded(_ error: TransportError?) {}
}

/// Counts nothing.
public struct SilentObserver: TransportObserver {
    /// Makes one.
    public init() {}
}
