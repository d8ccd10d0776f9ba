/// What a certificate is to say (RFC 5280).
public struct CertificateTemplate: Sendable {
    /// The CN: a user's name, or what a server or an authority is called.
    public var commonName: String
    /// The O's: groups.
    public var organizations: [String]
    /// The attribute 1.3.6.1.4.1.57683.2, a user's uid in Kubernetes; nil leaves it out.
    public var uid: String?
    /// `subjectAltName` in OpenSSL's words: `DNS:localhost,IP:127.0.0.1`; nil leaves it out.
    public var alternativeNames: String?
    /// `extendedKeyUsage` in OpenSSL's words, such as `serverAuth`; nil leaves it out.
    public var usage: String?
    /// Seconds from now; may be negative.
    public var validFrom: Int
    /// Seconds from now; may be negative.
    public var validTo: Int

    /// A template; by default valid from a minute ago, which forgives clocks that differ, for an hour.
    public init(
        commonName: String, organizations: [String] = [], uid: String? = nil, alternativeNames: String? = nil,
        usage: String? = "clientAuth", validFrom: Int = -60, validTo: Int = 3600
    ) {
        self.commonName = commonName
        self.organizations = organizations
        self.uid = uid
        self.alternativeNames = alternativeNames
        self.usage = usage
        self.validFrom = validFrom
        self.validTo = validTo
    }
}

/// A certificate with its key, as bytes.
public struct MintedCertificate: Sendable, Hashable {
    /// PEM of the certificate, and of its intermediates after it.
    public var certificatePEM: [UInt8]
    /// PEM of the key (PKCS#8), not encrypted.
    public var keyPEM: [UInt8]
    /// DER, leaf first, as a TLS peer presents it.
    public var chainDER: [[UInt8]]

    /// A certificate of its parts.
    public init(certificatePEM: [UInt8], keyPEM: [UInt8], chainDER: [[UInt8]]) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
        self.chainDER = chainDER
    }
}
