public import APIMachinery
internal import NIOHTTP1

/// Answers `GET /api/v1/namespaces/NAME` where no kube-apiserver does: every namespace that can be named is there.
///
/// kubectl asks for it after each object that was not found, and tells the user of a missing namespace instead of the missing object if
/// this is not found either. Read by name only: there is nothing to list, to watch or to discover.
public struct ImpliedNamespaces: ImmediateEndpoint {
    /// The group and version that it stands in for.
    public static let groupVersion = GroupVersion(group: "", version: "v1")

    /// Knows nothing.
    public init() {}

    /// The namespace; 404 for everything else of the group.
    public func answer(_ request: AuthorizedRequest) throws -> APIResponse {
        let info = request.info
        guard info.verb == "get", info.resource == "namespaces", info.subresource.isEmpty,
            Names.dns1123Label(info.name).isEmpty
        else { throw StatusError.resourceNotFound() }
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.field("kind", "Namespace")
        writer.field("apiVersion", "v1")
        writer.key("metadata")
        writer.beginObject()
        writer.field("name", info.name)
        writer.endObject()
        writer.key("status")
        writer.beginObject()
        writer.field("phase", "Active")
        writer.endObject()
        writer.endObject()
        return .json(writer.bytes, status: .ok)
    }
}
