import HTTPTransport
import Logging
import NIOCore

/// The connections to kube-apiserver: HTTP/2 where the server has it. Certificate files are read again as they change.
final class KubeConnector: Sendable {
    let http: HTTPClient

    init(config: KubeConfig, group: any EventLoopGroup, logger: Logger) {
        if config.tls.skipsVerification {
            logger.warning(
                "the certificate of kube-apiserver is not verified: whoever is in between can read and change everything",
                metadata: ["config": "\(config.origin)"])
        }
        http = HTTPClient(group: group, configuration: HTTPClientConfiguration(tls: ClientTLSConfiguration(config.tls)))
    }

    /// A handshake failed, of which old certificates may be the cause: reads the files before the next one.
    func recheck() async {
        // A file that can't be used keeps the last good one, and the next failure says so.
        try? await http.reloadTLS()
    }

    /// Closes all connections.
    func shutdown() async { await http.shutdown() }
}

extension ClientTLSConfiguration {
    fileprivate init(_ tls: KubeTLS) {
        self.init(
            trust: tls.skipsVerification ? .insecureSkipVerify : tls.authority.map { .authorities($0) } ?? .system,
            serverName: tls.serverName.isEmpty ? nil : tls.serverName)
        if let certificate = tls.clientCertificate, let key = tls.clientKey {
            identity = Identity(certificate: certificate, privateKey: key)
        }
    }
}
