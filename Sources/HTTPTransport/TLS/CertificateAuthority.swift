internal import COpenSSL

/// A certificate authority of our own: an EC key on P-256 and its certificate.
///
/// It mints what a server needs that nobody has given a certificate yet, and what tests need.
public final class CertificateAuthority: @unchecked Sendable {  // C wrapper: written once
    // Both are only read after init; OpenSSL's reference counts are atomic.
    private let key: OpaquePointer
    private let certificate: OpaquePointer
    /// The authority's own certificate and key.
    public let minted: MintedCertificate

    /// Which key has signed: with it verifiers tell authorities of the same name apart, as after a rotation (RFC 5280 §4.2.1.1).
    private static let signerKey = [(NID_authority_key_identifier, "keyid")]
    private static let extensions = [
        (NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
        (NID_subject_key_identifier, "hash"),
    ]

    /// Takes over both pointers.
    private init(key: OpaquePointer, certificate: OpaquePointer) throws(TransportError) {
        self.key = key
        self.certificate = certificate
        minted = try Self.bytes(certificate, key)
    }

    deinit {
        EVP_PKEY_free(key)
        X509_free(certificate)
    }

    /// A new self-signed root. Throws `.badCertificate` if OpenSSL can't.
    public static func root(_ name: String, validTo: Int = 3600) throws(TransportError) -> CertificateAuthority {
        let (key, certificate) = try make(
            CertificateTemplate(commonName: name, usage: nil, validTo: validTo), extensions: extensions)
        return try signed(key, certificate, issuer: X509_get_subject_name(certificate), by: key)
    }

    /// A new CA below this one. Throws `.badCertificate` if OpenSSL can't.
    public func intermediate(_ name: String) throws(TransportError) -> CertificateAuthority {
        let (key, certificate) = try Self.make(
            CertificateTemplate(commonName: name, usage: nil), extensions: Self.extensions)
        return try Self.signed(key, certificate, issuer: X509_get_subject_name(self.certificate), by: self.key)
    }

    /// The authority that was minted before. Throws `.badCertificate` if the PEM texts are none, or don't belong together.
    public init(certificatePEM: [UInt8], keyPEM: [UInt8]) throws(TransportError) {
        OpenSSLError.clear()
        guard let certificate = Self.read(certificatePEM, { PEM_read_bio_X509($0, nil, { _, _, _, _ in -1 }, nil) })
        else { throw Self.refusal("the authority's certificate") }
        guard let key = Self.read(keyPEM, { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }) else {
            X509_free(certificate)
            throw Self.refusal("the authority's key")
        }
        self.key = key
        self.certificate = certificate
        guard X509_check_private_key(certificate, key) == 1, X509_check_ca(certificate) == 1 else {
            minted = MintedCertificate(certificatePEM: [], keyPEM: [], chainDER: [])
            throw Self.refusal("an authority's certificate and its key")
        }
        minted = try Self.bytes(certificate, key)
    }

    /// A new leaf with a new key. Throws `.badCertificate` if OpenSSL refuses what the template says.
    public func mint(_ template: CertificateTemplate) throws(TransportError) -> MintedCertificate {
        var extensions = [(NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature")]
        if let usage = template.usage { extensions.append((NID_ext_key_usage, usage)) }
        if let names = template.alternativeNames { extensions.append((NID_subject_alt_name, names)) }
        let (key, leaf) = try Self.make(template, extensions: extensions)
        defer {
            EVP_PKEY_free(key)
            X509_free(leaf)
        }
        guard Self.add(Self.signerKey, to: leaf, issuer: certificate) else { throw Self.refusal("to name the signer") }
        try Self.sign(leaf, issuer: X509_get_subject_name(certificate), by: self.key)
        return try Self.bytes(leaf, key)
    }

    // MARK: OpenSSL

    private static func refusal(_ what: String) -> TransportError {
        TransportError(.badCertificate, "OpenSSL refuses \(what): \(OpenSSLError.take())")
    }

    private static func read(_ pem: [UInt8], _ parse: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { BIO_free(bio) }
        return parse(bio)
    }

    private static func signed(
        _ key: OpaquePointer, _ certificate: OpaquePointer, issuer: OpaquePointer?, by signer: OpaquePointer
    ) throws(TransportError) -> CertificateAuthority {
        do throws(TransportError) {
            try sign(certificate, issuer: issuer, by: signer)
        } catch {
            EVP_PKEY_free(key)
            X509_free(certificate)
            throw error
        }
        return try CertificateAuthority(key: key, certificate: certificate)
    }

    /// A key and a certificate of it without a signature; the caller owns both.
    private static func make(_ template: CertificateTemplate, extensions: [(Int32, String)]) throws(TransportError)
        -> (key: OpaquePointer, certificate: OpaquePointer)
    {
        OpenSSLError.clear()
        guard let key = shim_EVP_P256_gen() else { throw refusal("to make a key") }
        guard let certificate = X509_new() else {
            EVP_PKEY_free(key)
            throw refusal("to make a certificate")
        }
        guard fill(certificate, template, key: key), add(extensions, to: certificate) else {
            EVP_PKEY_free(key)
            X509_free(certificate)
            throw refusal("certificate \"\(template.commonName)\"")
        }
        return (key, certificate)
    }

    private static func fill(_ certificate: OpaquePointer, _ template: CertificateTemplate, key: OpaquePointer) -> Bool
    {
        var serial = [UInt8](repeating: 0, count: 8)
        guard RAND_bytes(&serial, 8) == 1 else { return false }
        // Positive (RFC 5280 §4.1.2.2).
        let number = serial.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
        let name = X509_get_subject_name(certificate)
        return X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number) == 1
            && X509_gmtime_adj(X509_getm_notBefore(certificate), template.validFrom) != nil
            && X509_gmtime_adj(X509_getm_notAfter(certificate), template.validTo) != nil
            && X509_set_pubkey(certificate, key) == 1
            && template.organizations.allSatisfy { add("O", $0, to: name) } && add("CN", template.commonName, to: name)
            && template.uid.map { add("1.3.6.1.4.1.57683.2", $0, to: name) } ?? true
    }

    private static func add(_ field: String, _ value: String, to name: OpaquePointer?) -> Bool {
        let bytes = Array(value.utf8)
        let count = Int32(clamping: bytes.count)
        guard field.contains(".") else {
            return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, count, -1, 0) == 1
        }
        guard let object = OBJ_txt2obj(field, 1) else { return false }
        defer { ASN1_OBJECT_free(object) }
        return X509_NAME_add_entry_by_OBJ(name, object, MBSTRING_UTF8, bytes, count, -1, 0) == 1
    }

    private static func add(
        _ extensions: [(Int32, String)], to certificate: OpaquePointer, issuer: OpaquePointer? = nil
    ) -> Bool {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer ?? certificate, certificate, nil, nil, 0)
        return extensions.allSatisfy { id, value in
            guard let entry = X509V3_EXT_conf_nid(nil, &context, id, value) else { return false }
            defer { X509_EXTENSION_free(entry) }
            return X509_add_ext(certificate, entry, -1) == 1
        }
    }

    private static func sign(_ certificate: OpaquePointer, issuer: OpaquePointer?, by key: OpaquePointer)
        throws(TransportError)
    {
        guard X509_set_issuer_name(certificate, issuer) == 1, X509_sign(certificate, key, EVP_sha256()) > 0 else {
            throw refusal("to sign")
        }
    }

    private static func bytes(_ certificate: OpaquePointer, _ key: OpaquePointer) throws(TransportError)
        -> MintedCertificate
    {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        guard count > 0, let start else { throw refusal("to write a certificate") }
        defer { shim_OPENSSL_free(start) }
        return MintedCertificate(
            certificatePEM: try pem { PEM_write_bio_X509($0, certificate) },
            keyPEM: try pem { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) },
            chainDER: [Array(UnsafeBufferPointer(start: start, count: Int(count)))])
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws(TransportError) -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { throw refusal("a buffer") }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw refusal("to write PEM") }
        var data: UnsafeMutablePointer<CChar>?
        let count = shim_BIO_get_mem_data(bio, &data)
        guard count > 0, let data else { throw refusal("to write PEM") }
        return UnsafeBufferPointer(start: data, count: count).map { UInt8(bitPattern: $0) }
    }
}
