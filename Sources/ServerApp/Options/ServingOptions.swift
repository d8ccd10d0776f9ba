internal import APIMachinery
internal import APIServer
public import ArgumentParser
internal import Foundation
internal import HTTPTransport

/// Where and how the server listens.
public struct ServingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The IP address on which to listen for the --secure-port.", valueName: "ip"))
    var bindAddress = "0.0.0.0"

    @Option(
        help: ArgumentHelp(
            "The port on which to serve HTTPS with authentication and authorization; 0 lets the system choose.",
            valueName: "int"))
    var securePort = "6443"

    @Option(
        help: ArgumentHelp(
            "File with the serving certificate (PEM, intermediates after it). Read again when it changes. Without it and --cert-dir the server makes its own in a cluster, and keeps it in --serving-cert-secret.",
            valueName: "file"))
    var tlsCertFile: String?

    @Option(
        help: ArgumentHelp(
            "File with the private key of --tls-cert-file (PEM). Read again when it changes.", valueName: "file"))
    var tlsPrivateKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "Directory with tls.crt and tls.key, used when --tls-cert-file and --tls-private-key-file are not given.",
            valueName: "dir"))
    var certDir: String?

    @Option(
        help: ArgumentHelp(
            "Secret in the server's namespace with the certificate that it makes itself, and the CA that signs it.",
            valueName: "name"))
    var servingCertSecret = "profefe-apiserver-serving-cert"

    @Option(help: ArgumentHelp("Oldest TLS version: VersionTLS12 or VersionTLS13.", valueName: "version"))
    var tlsMinVersion = TLSVersion.tls12.rawValue

    @Option(
        help: ArgumentHelp(
            "Comma-separated IANA names of the TLS 1.2 cipher suites (default: the forward secret AEAD suites).",
            valueName: "names"))
    var tlsCipherSuites: String?

    @Option(help: ArgumentHelp("Event loops, a thread each; 0 is one per core.", valueName: "int"))
    var eventLoops = "0"

    @Option(
        help: ArgumentHelp(
            "How long the server goes on serving after SIGTERM, with /readyz failing, before it sends clients away.",
            valueName: "duration"))
    var shutdownDelayDuration = "0s"

    @Option(help: ArgumentHelp("How long requests in progress may take to end after that.", valueName: "duration"))
    var shutdownDrainDuration = "60s"

    /// The defaults, or what the command line says.
    public init() {}

    /// Whether the server is to make its certificate, where it is in a cluster.
    var makesCertificate: Bool { tlsCertFile == nil && tlsPrivateKeyFile == nil && certDir == nil }

    /// - Parameter own: where the server keeps a certificate that it makes itself; nil without a cluster.
    func complete(
        _ limits: ServerLimits, own: ServingCertificateFiles?, _ faults: inout Faults
    ) -> ServerConfiguration {
        let (certificate, key) = own.map { ($0.certificate, $0.key) } ?? certificateFiles(&faults)
        var tls = TLSConfiguration(certificateFile: certificate, privateKeyFile: key)
        // Readiness says that the certificate is there: it is served a moment later.
        if own != nil { tls.reloadInterval = .seconds(1) }
        tls.minimumVersion = faults.choice("--tls-min-version", tlsMinVersion, TLSVersion.tls12)
        tls.cipherSuites = (tlsCipherSuites ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        var configuration = ServerConfiguration(
            bindAddress: bindAddress, port: faults.integer("--secure-port", securePort, in: 0...65535), tls: tls)
        configuration.limits = limits
        let loops = faults.integer("--event-loops", eventLoops, in: 0...1024)
        configuration.eventLoopCount = loops == 0 ? nil : loops
        return configuration
    }

    private func certificateFiles(_ faults: inout Faults) -> (certificate: String, key: String) {
        if tlsCertFile == nil, tlsPrivateKeyFile == nil, let certDir {
            return (
                faults.readable("--cert-dir", "\(certDir)/tls.crt"), faults.readable("--cert-dir", "\(certDir)/tls.key")
            )
        }
        let why =
            "the server only speaks TLS, and makes a certificate itself only in a cluster; certs/generate.sh makes a pair, or give --cert-dir"
        let certificate = faults.required("--tls-cert-file", tlsCertFile, why)
        let key = faults.required("--tls-private-key-file", tlsPrivateKeyFile, "it belongs to --tls-cert-file")
        return (
            certificate.isEmpty ? "" : faults.readable("--tls-cert-file", certificate),
            key.isEmpty ? "" : faults.readable("--tls-private-key-file", key)
        )
    }
}
