internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1

/// Serves `/metrics` as Prometheus text. Whoever may `get` the path may read it (ClusterRole `system:monitoring`).
public struct MetricsEndpoint: Endpoint {
    private let registry: MetricsRegistry

    /// Writes what `registry` holds.
    public init(_ registry: MetricsRegistry) { self.registry = registry }

    /// All metrics now.
    public func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        // Some hundred KB of text, and files of /proc.
        let text = await offEventLoop { registry.exposition() }
        return APIResponse(
            headers: ["content-type": "text/plain; version=0.0.4; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text)))
    }
}
