/// The oldest protocol version to agree on.
public enum TLSVersion: String, Sendable, CaseIterable {
    /// TLS 1.2 (RFC 5246), the words of kube-apiserver's `--tls-min-version`.
    case tls12 = "VersionTLS12"
    /// TLS 1.3 (RFC 8446).
    case tls13 = "VersionTLS13"
}

/// How a server does TLS.
public struct TLSConfiguration: Sendable {
    /// PEM file: the serving certificate, then its intermediates.
    public var certificateFile: String
    /// PEM file: the key of the certificate, not encrypted.
    public var privateKeyFile: String
    /// Default TLS 1.2.
    public var minimumVersion = TLSVersion.tls12
    /// IANA names (`TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`), as in kube-apiserver's `--tls-cipher-suites`; empty is the
    /// default list: forward secret AEAD suites.
    public var cipherSuites: [String] = []
    /// How often the files are looked at for a change. Default 10 s.
    public var reloadInterval = Duration.seconds(10)

    /// Makes a configuration.
    public init(certificateFile: String, privateKeyFile: String) {
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
    }
}
