public import NIOConcurrencyHelpers
public import NIOCore

/// What the TLS handshake told about the other side.
public struct TLSPeer: Sendable, Equatable {
    /// `TLSv1.2` or `TLSv1.3`.
    public let version: String
    /// OpenSSL's name of the cipher suite.
    public let cipherSuite: String
    /// The protocol ALPN chose, `h2` or `http/1.1`; nil if the client offered none.
    public let applicationProtocol: String?
    /// The server name the client asked for (SNI), nil if none.
    public let serverName: String?
    /// The certificates the peer presented, DER, leaf first. **Not verified**: an authenticator does that.
    public let certificates: [[UInt8]]

    /// Makes a description of a peer.
    public init(
        version: String, cipherSuite: String, applicationProtocol: String?, serverName: String?, certificates: [[UInt8]]
    ) {
        self.version = version
        self.cipherSuite = cipherSuite
        self.applicationProtocol = applicationProtocol
        self.serverName = serverName
        self.certificates = certificates
    }
}

/// The connection a request came on, the same object for all its requests.
public final class PeerConnection: Sendable {
    /// Unique in this process.
    public let id: UInt64
    /// The address of the peer.
    public let remoteAddress: SocketAddress?
    /// The address it connected to.
    public let localAddress: SocketAddress?
    /// Nil on a connection without TLS.
    public let tls: TLSPeer?
    /// What authenticators keep per connection, by the type's identifier: verify a certificate once, not per request.
    public let memo = NIOLockedValueBox<[ObjectIdentifier: any Sendable]>([:])

    private let onClose: @Sendable (_ gracefully: Bool) -> Void

    /// Makes a connection; `onClose` does what ``close(gracefully:)`` asks for.
    public init(
        id: UInt64, remoteAddress: SocketAddress? = nil, localAddress: SocketAddress? = nil, tls: TLSPeer? = nil,
        onClose: @escaping @Sendable (_ gracefully: Bool) -> Void = { _ in }
    ) {
        self.id = id
        self.remoteAddress = remoteAddress
        self.localAddress = localAddress
        self.tls = tls
        self.onClose = onClose
    }

    /// Asks the connection to end; returns at once, callable from any thread.
    ///
    /// Gracefully: HTTP/2 sends the two-phase GOAWAY (RFC 9113 §6.8) and serves what still arrives, HTTP/1 answers the
    /// current request with `Connection: close`. Otherwise it is closed now and its handlers are cancelled.
    ///
    /// To close after one answer only, send that answer with `Connection: close`: HTTP/2 turns it into a GOAWAY.
    public func close(gracefully: Bool = true) { onClose(gracefully) }
}
