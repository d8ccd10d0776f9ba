public import HTTPTransport

/// Where kube-apiserver is, and who we are there: one context of a kubeconfig, or the identity of a pod.
public struct KubeConfig: Sendable, Hashable {
    /// The address.
    public var server: KubeEndpoint
    /// The namespace of the context; empty if it names none.
    public var namespace: String
    /// How the server is recognised, and our certificate.
    public var tls: KubeTLS
    /// What goes into `Authorization`.
    public var credential: KubeCredential
    /// As whom to act; nil is as ourselves.
    public var impersonation: Impersonation?
    /// Where all this stands, for messages: `/root/.kube/config: context "dev"`.
    public var origin: String

    /// A configuration of its parts.
    public init(
        server: KubeEndpoint, namespace: String = "", tls: KubeTLS = KubeTLS(), credential: KubeCredential = .none,
        impersonation: Impersonation? = nil, origin: String = "configuration"
    ) {
        self.server = server
        self.namespace = namespace
        self.tls = tls
        self.credential = credential
        self.impersonation = impersonation
        self.origin = origin
    }
}

/// The address of a kube-apiserver.
public struct KubeEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// TLS, or plain for `kubectl proxy` and tests.
    public var isTLS: Bool
    /// A name, an IPv4 address or an IPv6 address without brackets.
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// Before every path: empty, or `/` and something, without a `/` at its end.
    public var basePath: String

    /// An address of its parts.
    public init(isTLS: Bool = true, host: String, port: Int, basePath: String = "") {
        self.isTLS = isTLS
        self.host = host
        self.port = port
        self.basePath = basePath
    }

    /// As a URL.
    public var description: String {
        let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "\(isTLS ? "https" : "http")://\(host):\(port)\(basePath)"
    }
}

/// How the server is recognised, and the certificate we show.
public struct KubeTLS: Sendable, Hashable {
    /// The CA certificates to trust (PEM); nil is the system's.
    public var authority: PEMSource?
    /// Our certificate and its intermediates (PEM).
    public var clientCertificate: PEMSource?
    /// The key of our certificate (PEM).
    public var clientKey: PEMSource?
    /// The name the server's certificate must bear, and SNI; empty is the host.
    public var serverName: String
    /// Take any certificate. For development only.
    public var skipsVerification: Bool

    /// TLS of its parts.
    public init(
        authority: PEMSource? = nil, clientCertificate: PEMSource? = nil, clientKey: PEMSource? = nil,
        serverName: String = "", skipsVerification: Bool = false
    ) {
        self.authority = authority
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.serverName = serverName
        self.skipsVerification = skipsVerification
    }
}

/// What goes into `Authorization`.
public enum KubeCredential: Sendable, Hashable {
    /// Nothing: a certificate, or nobody.
    case none
    /// `Bearer` and this.
    case token(String)
    /// `Bearer` and what the file says, which is read again as it changes.
    case tokenFile(String)
    /// `Basic`.
    case basic(user: String, password: String)
}

/// Headers `Impersonate-*`: act as somebody else, if RBAC allows.
public struct Impersonation: Sendable, Hashable {
    /// `Impersonate-User`.
    public var user: String
    /// `Impersonate-Uid`; empty is left out.
    public var uid: String
    /// `Impersonate-Group`, one each.
    public var groups: [String]
    /// `Impersonate-Extra-…`.
    public var extra: [String: [String]]

    /// An impersonation of its parts.
    public init(user: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.user = user
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }
}
