public import APIMachinery

/// Serves the resources of one group and version.
///
/// Works on what authorization looked at (`RequestInfo`), never on the path again. An unknown resource or subresource is
/// 404, a known one with a method it doesn't have 405 — both only after authorization, so that nobody learns by 404 what
/// they may not see.
public struct APIGroupEndpoint: Endpoint {
    /// The group and version.
    public let groupVersion: GroupVersion
    /// The resources as discovery tells them, sorted by name.
    public let discovered: [APIResourceDescription]
    private let handlers: [String: ResourceHandlers]
    private let compression = ResponseCompression()

    /// Serves `resources` under `/apis/<group>/<version>`.
    public init(
        group: String, version: String, resources: [APIResource],
        configuration: HandlerConfiguration = HandlerConfiguration()
    ) {
        let groupVersion = GroupVersion(group: group, version: version)
        self.groupVersion = groupVersion
        discovered = resources.map(\.discovered).sorted { $0.plural < $1.plural }
        handlers = Dictionary(
            resources.map { resource in
                let context = ResourceContext(
                    groupVersion: groupVersion, resource: resource, configuration: configuration)
                return (context.description.plural, ResourceHandlers(context))
            },
            uniquingKeysWith: { first, _ in first })
    }

    /// Answers a resource request of this group and version; 404 for any other.
    public func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        let response = try await handlers(for: request.info).respond(to: request)
        return compression.applies(to: response, for: request) ? await compression.compress(response) : response
    }

    /// The same for objects that are at hand in memory.
    public func respondAtOnce(to request: AuthorizedRequest) throws -> APIResponse? {
        guard let response = try handlers(for: request.info).respondAtOnce(to: request) else { return nil }
        return compression.applies(to: response, for: request) ? nil : response
    }

    private func handlers(for info: RequestInfo) throws(StatusError) -> ResourceHandlers {
        guard serves(info), let handlers = handlers[info.resource] else { throw .resourceNotFound() }
        return handlers
    }

    /// Whether the request is about this group and version.
    public func serves(_ info: RequestInfo) -> Bool {
        info.isResourceRequest && info.apiPrefix == "apis" && info.group == groupVersion.group
            && info.version == groupVersion.version
    }
}
