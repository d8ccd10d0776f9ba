/// Where a server listens and how.
public struct ServerConfiguration: Sendable {
    /// An IP address or name; `0.0.0.0` and `::` are all addresses. Default 127.0.0.1.
    public var bindAddress: String
    /// The TCP port; 0 lets the system choose.
    public var port: Int
    /// Nil serves plain HTTP/1.1 and HTTP/2 with prior knowledge: for debugging on loopback only.
    public var tls: TLSConfiguration?
    /// Timeouts, sizes, rates.
    public var limits = ServerLimits()
    /// Event loops, one thread each; nil is one per core.
    public var eventLoopCount: Int?
    /// Length of the kernel's queue of connections not yet accepted.
    public var backlog = 1024

    /// Makes a configuration.
    public init(bindAddress: String = "127.0.0.1", port: Int, tls: TLSConfiguration?) {
        self.bindAddress = bindAddress
        self.port = port
        self.tls = tls
    }
}
