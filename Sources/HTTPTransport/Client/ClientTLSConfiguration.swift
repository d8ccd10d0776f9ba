/// How a client does TLS: whom it believes, and who it is.
///
/// Files are read at the first connection and again when they change (``reloadInterval``, ``HTTPClient/reloadTLS()``): exchanges under
/// way go on, later ones use new connections. A pair of files that doesn't match, as between the writing of two files, is refused and
/// the last good one kept.
public struct ClientTLSConfiguration: Sendable, Hashable {
    /// Whose certificates are believed.
    public enum Trust: Sendable, Hashable {
        /// The system's roots, where OpenSSL looks for them (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
        case system
        /// One or more PEM certificates; each is an anchor, also one that isn't self-signed, as with Go's `x509.CertPool`.
        case authorities(PEMSource)
        /// Anyone's: no verification at all. For targets whose certificates mean nothing, never for kube-apiserver.
        case insecureSkipVerify
    }

    /// A client certificate and its key.
    public struct Identity: Sendable, Hashable {
        /// The certificate, then its intermediates.
        public var certificate: PEMSource
        /// The key, not encrypted.
        public var privateKey: PEMSource

        /// Makes an identity.
        public init(certificate: PEMSource, privateKey: PEMSource) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    /// Default: the system's roots.
    public var trust: Trust
    /// What is presented to servers that ask; default none.
    public var identity: Identity?
    /// The name that is asked for (SNI) and that the certificate must be valid for; nil is the request's host. `tls-server-name` of a
    /// kubeconfig.
    public var serverName: String?
    /// Default TLS 1.2.
    public var minimumVersion: TLSVersion
    /// Whether `h2` is offered beside `http/1.1` (ALPN). Default true.
    public var offersHTTP2: Bool
    /// How often the files are looked at for a change, as long as there are requests. Default 10 s.
    public var reloadInterval: Duration

    /// Makes a configuration; everything has its default.
    public init(
        trust: Trust = .system, identity: Identity? = nil, serverName: String? = nil,
        minimumVersion: TLSVersion = .tls12, offersHTTP2: Bool = true, reloadInterval: Duration = .seconds(10)
    ) {
        self.trust = trust
        self.identity = identity
        self.serverName = serverName
        self.minimumVersion = minimumVersion
        self.offersHTTP2 = offersHTTP2
        self.reloadInterval = reloadInterval
    }
}
