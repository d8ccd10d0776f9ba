import HTTPTransport
import Logging
import NIOCore

/// The connections to kube-apiserver.
final class KubeConnector: Sendable {
    private let http: HTTPClient

    init(config: KubeConfig, group: any EventLoopGroup, clock: SteadyClock, logger: Logger) {
        http = HTTPClient(group: group)
    }

    /// The client to send the next request with.
    func client() async throws(KubeClientError) -> HTTPClient { http }

    /// The server's certificate wasn't trusted, or ours not accepted: looks at the files before the next request.
    func recheck() {}

    /// Closes all connections.
    func shutdown() async { await http.shutdown() }
}
