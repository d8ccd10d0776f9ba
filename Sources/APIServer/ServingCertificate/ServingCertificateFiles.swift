public import HTTPTransport

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// The files `tls.crt` and `tls.key` from which the server serves: the last good certificate is there again after a restart, also
/// while kube-apiserver is away.
public struct ServingCertificateFiles: Sendable, Hashable {
    /// The certificate and its intermediates.
    public let certificate: String
    /// Its key, readable by the owner only.
    public let key: String
    private let directory: String

    /// Files in a directory, which is made if it is not there.
    public init(directory: String) {
        self.directory = directory
        certificate = "\(directory)/tls.crt"
        key = "\(directory)/tls.key"
    }

    /// Makes a self-signed pair if there is none: the server listens with it, for the kubelet's probes, until it has the real one.
    ///
    /// Throws `.badCertificate` if the directory can't be written.
    public func ensurePair() throws(TransportError) {
        guard access(certificate, R_OK) != 0 || access(key, R_OK) != 0 else { return }
        let made = try CertificateAuthority.root("profefe-apiserver-temporary").mint(
            CertificateTemplate(commonName: "profefe-apiserver", alternativeNames: "DNS:localhost", usage: "serverAuth")
        )
        try replace(certificate: made.certificatePEM, key: made.keyPEM)
    }

    /// Replaces both; the server takes them up when both are there and belong together.
    func replace(certificate bytes: [UInt8], key secret: [UInt8]) throws(TransportError) {
        try makeDirectory()
        try write(secret, key, mode: 0o600)
        try write(bytes, certificate, mode: 0o644)
    }

    /// With those above it: the data directory may not be there before the store is opened.
    private func makeDirectory() throws(TransportError) {
        var path = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            path += "/\(part)"
            if mkdir(path, 0o700) != 0, errno != EEXIST { throw trouble("make", path) }
        }
    }

    private func write(_ bytes: [UInt8], _ path: String, mode: mode_t) throws(TransportError) {
        let new = path + ".new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw trouble("write", new) }
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        let isWhole = count == bytes.count && fsync(file) == 0
        guard close(file) == 0, isWhole, rename(new, path) == 0 else { throw trouble("write", path) }
    }

    private func trouble(_ verb: String, _ path: String) -> TransportError {
        TransportError(.badCertificate, "can't \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
