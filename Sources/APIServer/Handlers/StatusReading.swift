public import APIMachinery

/// `GET` of an object's `/status`: the whole object, as Kubernetes answers it (conformance 8.5). Only the server writes a
/// status, so there is no other verb.
public struct StatusReading: Connector {
    /// `status`, of the kind of the objects, with `get` only.
    public let subresource: SubresourceDescription
    private let context: ResourceContext
    private let getter: any Getter

    /// The status of the objects of `getter`, a resource of this group and version.
    public init(of getter: any Getter, _ groupVersion: GroupVersion) {
        self.getter = getter
        context = ResourceContext(
            groupVersion: groupVersion, resource: APIResource(getter), configuration: HandlerConfiguration())
        subresource = SubresourceDescription(
            name: "status", kind: groupVersion.kind(getter.description.kind), verbs: ["get"])
    }

    /// The object in the form that is asked for, or 404.
    public func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
        try await GetHandler(context: context, getter: getter).respond(to: request, key: key)
    }
}
