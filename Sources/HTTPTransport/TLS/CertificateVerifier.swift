/// Verifies client certificates against a set of roots, after the handshake, as often as an authenticator wants.
public struct CertificateVerifier: Sendable {
    /// Reads the roots: one or more PEM certificates.
    ///
    /// Throws `.badCertificate` if there is none, or one can't be read.
    public init(pem: [UInt8]) throws(TransportError) {
        throw TransportError(.unsupported, "CertificateVerifier is not yet built")
    }

    /// Verifies `chain` (DER, leaf first; the rest are intermediates) for client authentication at `time`, Unix seconds.
    ///
    /// Throws `.badCertificate` with OpenSSL's reason.
    public func verify(_ chain: [[UInt8]], at time: Int64) throws(TransportError) -> CertificateIdentity {
        throw TransportError(.unsupported, "CertificateVerifier is not yet built")
    }
}
