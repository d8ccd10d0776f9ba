internal import COpenSSL

/// What the first certificate of a PEM text says, as far as its owner must know to renew it in time.
public final class CertificateFacts: @unchecked Sendable {  // C wrapper: only read after init
    /// From when on it is valid, in Unix seconds.
    public let notBefore: Int64
    /// Until when, in Unix seconds.
    public let notAfter: Int64
    private let certificate: OpaquePointer

    /// Reads it. Throws `.badCertificate` if the text has none.
    public init(pem: [UInt8]) throws(TransportError) {
        OpenSSLError.clear()
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else {
            throw TransportError(.badCertificate, "out of memory")
        }
        defer { BIO_free(bio) }
        guard let certificate = PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) else {
            throw TransportError(.badCertificate, "not a PEM certificate: \(OpenSSLError.take())")
        }
        self.certificate = certificate
        let from = Self.seconds(X509_get0_notBefore(certificate))
        let to = Self.seconds(X509_get0_notAfter(certificate))
        notBefore = from ?? 0
        notAfter = to ?? 0
        guard from != nil, to != nil else {
            throw TransportError(.badCertificate, "the certificate's validity can't be read")
        }
    }

    deinit { X509_free(certificate) }

    /// Whether a client that asks for this host name accepts it (RFC 6125).
    public func covers(host: String) -> Bool {
        X509_check_host(certificate, host, host.utf8.count, 0, nil) == 1
    }

    /// Whether `authority`'s key has signed it.
    public func isSigned(by authority: CertificateFacts) -> Bool {
        defer { OpenSSLError.clear() }
        return X509_verify(certificate, X509_get0_pubkey(authority.certificate)) == 1
    }

    /// Whether the private key in a PEM text is its own.
    public func hasKey(pem: [UInt8]) -> Bool {
        defer { OpenSSLError.clear() }
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return false }
        defer { BIO_free(bio) }
        guard let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) else { return false }
        defer { EVP_PKEY_free(key) }
        return X509_check_private_key(certificate, key) == 1
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let time, let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_TIME_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
        return Int64(days) * 86400 + Int64(seconds)
    }
}
