public import APIMachinery

/// A resource that ``FakeKubeAPI`` serves.
public struct FakeKubeResource: Sendable, Hashable {
    /// Group, version and plural.
    public let resource: GroupVersionResource
    /// The kind of its objects.
    public let kind: String
    /// Whether its objects live in namespaces.
    public let isNamespaced: Bool

    /// A resource of its parts.
    public init(_ resource: GroupVersionResource, kind: String, isNamespaced: Bool = true) {
        self.resource = resource
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    private static func core(_ plural: String, _ kind: String, isNamespaced: Bool = true) -> FakeKubeResource {
        FakeKubeResource(
            GroupVersionResource(group: "", version: "v1", resource: plural), kind: kind, isNamespaced: isNamespaced)
    }

    private static func v1(_ group: String, _ plural: String, _ kind: String, isNamespaced: Bool = true)
        -> FakeKubeResource
    {
        FakeKubeResource(
            GroupVersionResource(group: group, version: "v1", resource: plural), kind: kind, isNamespaced: isNamespaced)
    }

    /// What is served where a test names nothing else.
    public static let standard: [FakeKubeResource] = [
        core("namespaces", "Namespace", isNamespaced: false), core("configmaps", "ConfigMap"),
        core("secrets", "Secret"), core("resourcequotas", "ResourceQuota"), core("pods", "Pod"),
        core("services", "Service"), core("endpoints", "Endpoints"), core("serviceaccounts", "ServiceAccount"),
        v1("discovery.k8s.io", "endpointslices", "EndpointSlice"), v1("coordination.k8s.io", "leases", "Lease"),
        v1("events.k8s.io", "events", "Event"), v1("apps", "deployments", "Deployment"),
        v1("apiregistration.k8s.io", "apiservices", "APIService", isNamespaced: false),
    ]

    /// `v1`, `coordination.k8s.io/v1`.
    public var apiVersion: String { resource.groupVersion.description }
}

/// Where a request goes: a collection, an object, or a part of an object.
struct FakeKubePlace: Sendable, Hashable {
    var resource: GroupVersionResource
    /// Empty is all namespaces, or the cluster's scope.
    var namespace = ""
    /// Empty is the collection.
    var name = ""
    var subresource = ""

    var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

    /// Nil for paths that are no resource's.
    init?(path: String) {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            PercentDecoding.decode(String($0)) ?? String($0)
        }[...]
        guard !parts.contains(""), let prefix = parts.popFirst() else { return nil }
        var group = ""
        if prefix == "apis" { group = parts.popFirst() ?? "" } else if prefix != "api" { return nil }
        guard let version = parts.popFirst(), !parts.isEmpty else { return nil }
        if parts.first == "namespaces", parts.count >= 3, !["status", "finalize"].contains(parts[parts.startIndex + 2])
        {
            namespace = parts[parts.startIndex + 1]
            parts = parts.dropFirst(2)
        }
        resource = GroupVersionResource(group: group, version: version, resource: parts.popFirst() ?? "")
        name = parts.popFirst() ?? ""
        subresource = parts.popFirst() ?? ""
        guard parts.isEmpty else { return nil }
    }
}
