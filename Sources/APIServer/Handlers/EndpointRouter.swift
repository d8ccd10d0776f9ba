public import APIMachinery

/// The end of the chain: finds what answers a request that may be answered.
///
/// | request | answered by |
/// |---|---|
/// | a resource of one of the groups, or of one that is stood in for | that group |
/// | `/`, `/api`, `/apis`, `/apis/G`, `/apis/G/V` | discovery |
/// | a path registered, or below one registered with `/` at its end (the longest of those) | its endpoint |
/// | anything else | 404 |
public struct EndpointRouter: Endpoint {
    private let groups: [GroupVersion: any Endpoint]
    private let discovery: [DiscoveryEndpoint]
    private let paths: [String: any Endpoint]

    /// Routes to groups, to what tells of them, to other paths (`/healthz`, `/readyz/`, …), and to who stands in for groups that are
    /// another server's.
    public init(
        groups: [APIGroupEndpoint], discovery: [DiscoveryEndpoint] = [], paths: [String: any Endpoint] = [:],
        standIns: [GroupVersion: any Endpoint] = [:]
    ) {
        self.groups = standIns.merging(groups.map { ($0.groupVersion, $0) }) { _, own in own }
        self.discovery = discovery
        self.paths = paths
    }

    /// Hands the request on; 404 if there is nobody to hand it to.
    public func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        try await endpoint(for: request.context.target).respond(to: request)
    }

    /// The same for who answers at once.
    public func respondAtOnce(to request: AuthorizedRequest) throws -> APIResponse? {
        try endpoint(for: request.context.target).respondAtOnce(to: request)
    }

    private func endpoint(for target: ReadTarget) throws(StatusError) -> any Endpoint {
        let endpoint: (any Endpoint)? =
            target.info.isResourceRequest
            ? groups[GroupVersion(group: target.info.group, version: target.info.version)]
            : endpoint(for: target.info.path)
        guard let endpoint else { throw .resourceNotFound() }
        return endpoint
    }

    private func endpoint(for path: String) -> (any Endpoint)? {
        if let endpoint = paths[path] ?? discovery.first(where: { $0.serves(path: path) }) { return endpoint }
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/") {
            if let endpoint = paths[String(rest[...slash])] { return endpoint }
            rest = rest[..<slash]
        }
        return nil
    }
}
