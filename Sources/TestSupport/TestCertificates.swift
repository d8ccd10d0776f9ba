public import HTTPTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Certificates minted in the run: nothing secret lies in git, nothing expires.
///
/// One set has a CA, a serving certificate for `localhost`, `127.0.0.1` and `api.profefe.svc`, and as many client certificates
/// as asked for. Files are written to ``directory``, which lives as long as the set.
public final class TestCertificates: Sendable {
    /// What a certificate is to say.
    public typealias Subject = CertificateTemplate

    /// A certificate with its key, as bytes and as files.
    public struct Pair: Sendable {
        /// PEM of the certificate, and of its intermediate if it has one.
        public let certificatePEM: [UInt8]
        /// PEM of the key (PKCS#8).
        public let keyPEM: [UInt8]
        /// DER, leaf first, as a TLS peer presents it.
        public let chainDER: [[UInt8]]
        /// The certificate's file.
        public let certificateFile: String
        /// The key's file.
        public let keyFile: String
    }

    /// Why a set can't be made.
    public struct Fault: Error { let what: String }

    /// Where the files are; removed with the set.
    public let directory: String
    /// The CA of the server and of client certificates.
    public let authority: Pair
    /// A CA that nobody trusts.
    public let otherAuthority: Pair
    /// The serving certificate.
    public let server: Pair

    private let issuer: CertificateAuthority
    private let otherIssuer: CertificateAuthority

    /// Mints CA's and serving certificate, and writes the files.
    public init() throws {
        var template = Array("/tmp/profefe-certs-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Fault(what: "mkdtemp: \(errno)") }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        issuer = try CertificateAuthority.root("profefe test CA")
        otherIssuer = try CertificateAuthority.root("another CA")
        authority = try Self.write(issuer.minted, "ca", directory)
        otherAuthority = try Self.write(otherIssuer.minted, "other-ca", directory)
        server = try Self.write(issuer.mint(.server), "server", directory)
    }

    deinit {
        for name in [authority, otherAuthority, server].flatMap({ [$0.certificateFile, $0.keyFile] }) { unlink(name) }
        // Files of later pairs keep it; the system cleans /tmp.
        rmdir(directory)
    }

    /// A certificate signed by the CA, or by the other one. `name` is the name of its files.
    public func mint(_ subject: Subject, name: String, byOther: Bool = false) throws -> Pair {
        try Self.write((byOther ? otherIssuer : issuer).mint(subject), name, directory)
    }

    /// A client certificate under an intermediate CA, which stands in its chain.
    public func mintWithIntermediate(_ subject: Subject, name: String) throws -> Pair {
        let middle = try issuer.intermediate("profefe test intermediate")
        let leaf = try middle.mint(subject)
        let minted = MintedCertificate(
            certificatePEM: leaf.certificatePEM + middle.minted.certificatePEM, keyPEM: leaf.keyPEM,
            chainDER: leaf.chainDER + middle.minted.chainDER)
        return try Self.write(minted, name, directory)
    }

    private static func write(_ minted: MintedCertificate, _ name: String, _ directory: String) throws -> Pair {
        let certificate = "\(directory)/\(name).crt"
        let key = "\(directory)/\(name).key"
        try replaceFile(certificate, with: minted.certificatePEM)
        try replaceFile(key, with: minted.keyPEM)
        return Pair(
            certificatePEM: minted.certificatePEM, keyPEM: minted.keyPEM, chainDER: minted.chainDER,
            certificateFile: certificate, keyFile: key)
    }

    /// Writes a file beside and renames it, as a rotation does.
    public static func replaceFile(_ path: String, with bytes: [UInt8]) throws {
        let new = path + ".new"
        guard let file = fopen(new, "w") else { throw Fault(what: "can't write \(new): \(errno)") }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count, rename(new, path) == 0 else {
            throw Fault(what: "can't write \(path): \(errno)")
        }
    }
}

extension CertificateTemplate {
    /// For a server on loopback, or behind the Service `api` of namespace `profefe`.
    public static let server = CertificateTemplate(
        commonName: "profefe-apiserver", alternativeNames: "DNS:localhost,DNS:api.profefe.svc,IP:127.0.0.1",
        usage: "serverAuth")
}
