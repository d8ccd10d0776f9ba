internal import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Verifies client certificates against a set of roots, after the handshake, as often as an authenticator wants.
///
/// Every certificate of the bundle is a trust anchor, also one that isn't self-signed, as with Go's `x509.CertPool`. As there, of
/// roots with the same name each is tried, so that a CA may be followed by one of its name: OpenSSL's own search takes the
/// first of that name where no key identifier tells them apart.
public struct CertificateVerifier: Sendable {
    private let roots: TrustStore
    /// Those whose name another has too, each alone, by the encoded name.
    private let namesakes: [[UInt8]: [TrustStore]]

    /// Reads the roots: one or more PEM certificates; text between them is skipped.
    ///
    /// Throws `.badCertificate` if there is none, or one can't be read.
    public init(pem: [UInt8]) throws(TransportError) {
        var byName: [[UInt8]: [TrustStore]] = [:]
        roots = try TrustStore(pem: pem) { certificate throws(TransportError) in
            let alone = try TrustStore(only: certificate)
            byName[DistinguishedName.encoded(X509_get_subject_name(certificate)), default: []].append(alone)
        }
        namesakes = byName.filter { $0.value.count > 1 }
    }

    /// Verifies `chain` (DER, leaf first; the rest are intermediates) for client authentication at `time`, Unix seconds.
    ///
    /// The leaf must have the extended key usage clientAuth or none at all, and lie within its time, as all of its chain.
    /// Throws `.badCertificate` with OpenSSL's reason.
    public func verify(_ chain: [[UInt8]], at time: Int64) throws(TransportError) -> CertificateIdentity {
        guard let first = chain.first, let leaf = DER.decode(first) else {
            throw TransportError(
                .badCertificate, chain.isEmpty ? "no certificate was presented" : "the certificate can't be read")
        }
        defer { X509_free(leaf) }
        try verify(leaf, intermediates: chain.dropFirst(), at: time)
        return try identity(leaf, first)
    }

    private func verify(_ leaf: OpaquePointer, intermediates: ArraySlice<[UInt8]>, at time: Int64)
        throws(TransportError)
    {
        guard let untrusted = shim_sk_X509_new() else { throw Self.outOfMemory }
        defer { shim_sk_X509_pop_free(untrusted) }
        for der in intermediates {
            guard let certificate = DER.decode(der) else {
                throw TransportError(.badCertificate, "an intermediate certificate can't be read")
            }
            // Owned by the stack from here on, which frees it.
            if shim_sk_X509_push(untrusted, certificate) == 0 { X509_free(certificate) }
        }
        do throws(TransportError) {
            try Self.verify(leaf, untrusted, against: roots, at: time)
        } catch {
            guard candidates(leaf, untrusted).contains(where: { Self.isGood(leaf, untrusted, against: $0, at: time) })
            else { throw error }
        }
    }

    /// The namesakes that may have signed one of the chain.
    private func candidates(_ leaf: OpaquePointer, _ untrusted: OpaquePointer) -> [TrustStore] {
        guard !namesakes.isEmpty else { return [] }
        let chain = [leaf] + (0..<shim_sk_X509_num(untrusted)).compactMap { shim_sk_X509_value(untrusted, $0) }
        let issuers = Set(chain.map { DistinguishedName.encoded(X509_get_issuer_name($0)) })
        return issuers.flatMap { namesakes[$0] ?? [] }
    }

    private static func isGood(
        _ leaf: OpaquePointer, _ untrusted: OpaquePointer, against roots: TrustStore, at time: Int64
    ) -> Bool {
        do throws(TransportError) {
            try verify(leaf, untrusted, against: roots, at: time)
            return true
        } catch {
            return false
        }
    }

    private static func verify(
        _ leaf: OpaquePointer, _ untrusted: OpaquePointer, against roots: TrustStore, at time: Int64
    ) throws(TransportError) {
        OpenSSLError.clear()
        guard let context = X509_STORE_CTX_new() else { throw outOfMemory }
        defer { X509_STORE_CTX_free(context) }
        guard X509_STORE_CTX_init(context, roots.pointer, leaf, untrusted) == 1 else { throw outOfMemory }
        let parameters = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_time(parameters, time_t(time))
        X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT)
        guard X509_verify_cert(context) != 1 else { return }
        let error = X509_STORE_CTX_get_error(context)
        let depth = X509_STORE_CTX_get_error_depth(context)
        OpenSSLError.clear()
        throw TransportError(
            .badCertificate,
            "\(String(cString: X509_verify_cert_error_string(Int(error)))) (certificate \(depth) of the chain)")
    }

    private func identity(_ leaf: OpaquePointer, _ der: [UInt8]) throws(TransportError) -> CertificateIdentity {
        let subject = X509_get_subject_name(leaf)
        // By the distance from 1970: `struct tm` is imported from whichever module the compiler saw first.
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_TIME_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(leaf)) == 1 else {
            throw TransportError(.badCertificate, "the certificate's notAfter can't be read")
        }
        return CertificateIdentity(
            commonName: DistinguishedName.values(subject, "2.5.4.3").last ?? "",
            organizations: DistinguishedName.values(subject, "2.5.4.10"),
            uid: DistinguishedName.values(subject, "1.3.6.1.4.1.57683.2").last,
            sha256Hex: try Self.fingerprint(der), notAfter: Int64(days) * 86_400 + Int64(seconds))
    }

    private static func fingerprint(_ der: [UInt8]) throws(TransportError) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard EVP_Digest(der, der.count, &digest, &count, EVP_sha256(), nil) == 1 else { throw outOfMemory }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest.prefix(Int(count)) { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static var outOfMemory: TransportError {
        TransportError(.badCertificate, "OpenSSL fails: \(OpenSSLError.take())")
    }
}
