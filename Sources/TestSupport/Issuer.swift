internal import COpenSSL

/// A certificate authority of the tests: a key and a certificate of OpenSSL's.
final class Issuer: @unchecked Sendable {  // C wrapper: written once
    // Both are only read after init; OpenSSL's reference counts are atomic.
    private let key: OpaquePointer
    private let certificate: OpaquePointer
    let minted: Minted

    private static let authority = [
        (NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
    ]

    private init(key: OpaquePointer, certificate: OpaquePointer) throws {
        self.key = key
        self.certificate = certificate
        minted = try Self.bytes(certificate, key)
    }

    deinit {
        EVP_PKEY_free(key)
        X509_free(certificate)
    }

    /// A self-signed root.
    static func root(_ name: String) throws -> Issuer {
        let key = try newKey()
        let subject = TestCertificates.Subject(commonName: name, usage: nil)
        let certificate = try make(subject, key: key, extensions: authority)
        try sign(certificate, issuer: X509_get_subject_name(certificate), key: key)
        return try Issuer(key: key, certificate: certificate)
    }

    /// A CA below this one.
    func intermediate(_ name: String) throws -> Issuer {
        let key = try Self.newKey()
        let subject = TestCertificates.Subject(commonName: name, usage: nil)
        let certificate = try Self.make(subject, key: key, extensions: Self.authority)
        try Self.sign(certificate, issuer: X509_get_subject_name(self.certificate), key: self.key)
        return try Issuer(key: key, certificate: certificate)
    }

    /// A leaf.
    func mint(_ subject: TestCertificates.Subject) throws -> Minted {
        let key = try Self.newKey()
        defer { EVP_PKEY_free(key) }
        var extensions = [(NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature")]
        if let usage = subject.usage { extensions.append((NID_ext_key_usage, usage)) }
        if let names = subject.alternativeNames { extensions.append((NID_subject_alt_name, names)) }
        let leaf = try Self.make(subject, key: key, extensions: extensions)
        defer { X509_free(leaf) }
        try Self.sign(leaf, issuer: X509_get_subject_name(certificate), key: self.key)
        return try Self.bytes(leaf, key)
    }

    private static func newKey() throws -> OpaquePointer {
        guard let key = shim_EVP_P256_gen() else { throw TestCertificates.Fault(what: "no key") }
        return key
    }

    private static func make(
        _ subject: TestCertificates.Subject, key: OpaquePointer, extensions: [(Int32, String)]
    ) throws -> OpaquePointer {
        guard let certificate = X509_new() else { throw TestCertificates.Fault(what: "no certificate") }
        X509_set_version(certificate, 2)
        var serial = [UInt8](repeating: 0, count: 8)
        RAND_bytes(&serial, 8)
        let number = serial.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number)
        X509_gmtime_adj(X509_getm_notBefore(certificate), subject.validFrom)
        X509_gmtime_adj(X509_getm_notAfter(certificate), subject.validTo)
        X509_set_pubkey(certificate, key)
        let name = X509_get_subject_name(certificate)
        for organization in subject.organizations { add("O", organization, to: name) }
        add("CN", subject.commonName, to: name)
        if let uid = subject.uid { add("1.3.6.1.4.1.57683.2", uid, to: name) }
        for (id, value) in extensions {
            guard let entry = X509V3_EXT_conf_nid(nil, nil, id, value) else {
                throw TestCertificates.Fault(what: "extension \(id) \(value)")
            }
            X509_add_ext(certificate, entry, -1)
            X509_EXTENSION_free(entry)
        }
        return certificate
    }

    private static func add(_ field: String, _ value: String, to name: OpaquePointer?) {
        let bytes = Array(value.utf8)
        guard field.contains(".") else {
            X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0)
            return
        }
        guard let object = OBJ_txt2obj(field, 1) else { return }
        X509_NAME_add_entry_by_OBJ(name, object, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0)
        ASN1_OBJECT_free(object)
    }

    private static func sign(_ certificate: OpaquePointer, issuer: OpaquePointer?, key: OpaquePointer) throws {
        guard X509_set_issuer_name(certificate, issuer) == 1, X509_sign(certificate, key, EVP_sha256()) > 0 else {
            throw TestCertificates.Fault(what: "can't sign")
        }
    }

    private static func bytes(_ certificate: OpaquePointer, _ key: OpaquePointer) throws -> Minted {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        guard count > 0, let start else { throw TestCertificates.Fault(what: "no DER") }
        defer { shim_OPENSSL_free(start) }
        return Minted(
            certificatePEM: try pem { PEM_write_bio_X509($0, certificate) },
            keyPEM: try pem { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) },
            chainDER: [Array(UnsafeBufferPointer(start: start, count: Int(count)))])
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else { throw TestCertificates.Fault(what: "no BIO") }
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw TestCertificates.Fault(what: "no PEM") }
        var data: UnsafeMutablePointer<CChar>?
        let count = shim_BIO_get_mem_data(bio, &data)
        guard count > 0, let data else { throw TestCertificates.Fault(what: "no PEM") }
        return UnsafeBufferPointer(start: data, count: count).map { UInt8(bitPattern: $0) }
    }
}
