internal import APIMachinery
internal import APIServer
public import ArgumentParser
internal import Foundation
internal import HTTPTransport
internal import NIOCore

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
            "File with the serving certificate (PEM, intermediates after it). Read again when it changes (default: in a cluster the server makes its own, and keeps it in --serving-cert-secret; with --standalone this or --cert-dir is required).",
            valueName: "file"))
    var tlsCertFile: String?

    @Option(
        help: ArgumentHelp(
            "File with the private key of --tls-cert-file (PEM), required with it. Read again when it changes.",
            valueName: "file"))
    var tlsPrivateKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "Directory with tls.crt and tls.key, used when --tls-cert-file and --tls-private-key-file are not given (default: none).",
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
        if !tls.unknownCipherSuites.isEmpty {
            faults.add("--tls-cipher-suites", "unknown: \(tls.unknownCipherSuites.joined(separator: ", "))")
        }
        var configuration = ServerConfiguration(
            bindAddress: faults.address("--bind-address", bindAddress),
            port: faults.integer("--secure-port", securePort, in: 0...65535), tls: tls)
        configuration.limits = limits
        let loops = faults.integer("--event-loops", eventLoops, in: 0...1024)
        configuration.eventLoopCount = loops == 0 ? nil : loops
        return configuration
    }

    private func certificateFiles(_ faults: inout Faults) -> (certificate: String, key: String) {
        if tlsCertFile == nil, tlsPrivateKeyFile == nil, let certDir {
            let (certificate, key) = ("\(certDir)/tls.crt", "\(certDir)/tls.key")
            faults.pair(("--cert-dir", certificate), ("--cert-dir", key))
            return (certificate, key)
        }
        let why =
            "the server only speaks TLS, and makes a certificate itself only in a cluster; certs/generate.sh makes a pair, or give --cert-dir"
        let certificate = faults.required("--tls-cert-file", tlsCertFile, why)
        let key = faults.required("--tls-private-key-file", tlsPrivateKeyFile, "it belongs to --tls-cert-file")
        faults.pair(("--tls-cert-file", certificate), ("--tls-private-key-file", key))
        return (certificate, key)
    }
}

extension Faults {
    /// An IPv4 or IPv6 address.
    fileprivate mutating func address(_ option: String, _ text: String) -> String {
        if (try? SocketAddress(ipAddress: text, port: 0)) == nil {
            add(option, "\"\(text)\" is not an IP address such as 0.0.0.0, 127.0.0.1 or ::")
        }
        return text
    }

    /// A certificate and its key, each with its option; empty is one that isn't given.
    fileprivate mutating func pair(
        _ certificate: (option: String, path: String), _ key: (option: String, path: String)
    ) {
        let before = messages.count
        for file in [certificate, key] where !file.path.isEmpty { _ = readable(file.option, file.path) }
        guard messages.count == before, !certificate.path.isEmpty else { return }
        do throws(TransportError) {
            let facts = try CertificateFacts(pem: Self.bytes(certificate.path))
            guard !key.path.isEmpty, !facts.hasKey(pem: Self.bytes(key.path)) else { return }
            add(
                key.option,
                "\"\(key.path)\" has no key in PEM, without a password, of the certificate in \"\(certificate.path)\"")
        } catch {
            add(certificate.option, "\"\(certificate.path)\": \(error.message)")
        }
    }

    private static func bytes(_ path: String) -> [UInt8] {
        FileManager.default.contents(atPath: path).map(Array.init) ?? []
    }
}
