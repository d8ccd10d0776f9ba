public import APIMachinery

/// What a request is about, read from method, path and query exactly as kube-apiserver reads them (conformance section 4,
/// k8s.io/apiserver `pkg/endpoints/request/requestinfo.go`): authorization asks about it, and routing follows it.
///
/// | path | what it is |
/// |---|---|
/// | `/`, `/api`, `/api/V`, `/apis`, `/apis/G`, `/apis/G/V`, any other | not a resource; verb = method in lower case |
/// | `/apis/G/V/R[/N[/S[/…]]]`, `/api/V/R…` | resource, name, subresource, sub-path in ``parts`` |
/// | `/apis/G/V/namespaces/NS/R…` | the same in a namespace |
/// | `/apis/G/V/namespaces/NS`, `…/NS/status`, `…/NS/finalize` | the namespace itself |
/// | `/apis/G/V/watch/…`, `/apis/G/V/proxy/…` | verb `watch` or `proxy` of old; not served, but authorized as such |
public struct RequestInfo: Sendable, Equatable {
    /// Whether it names an API resource.
    public internal(set) var isResourceRequest = false
    /// The decoded path, as sent otherwise.
    public internal(set) var path: String
    /// `get list watch create update patch delete deletecollection proxy`, `""` for other methods on a resource, the
    /// method in lower case when it is no resource.
    public internal(set) var verb: String
    /// `api` or `apis`; empty when it is no resource.
    public internal(set) var apiPrefix = ""
    /// The group; empty for `/api`.
    public internal(set) var group = ""
    /// The version.
    public internal(set) var version = ""
    /// The namespace; empty at cluster scope.
    public internal(set) var namespace = ""
    /// The plural name of the resource. Not checked: it need not exist.
    public internal(set) var resource = ""
    /// What follows the name, e.g. `status`.
    public internal(set) var subresource = ""
    /// The object's name, from the path, or from `fieldSelector=metadata.name=…` of a list or watch. Not checked: it may
    /// be `..`, hold `%` or NUL; routing refuses such names.
    public internal(set) var name = ""
    /// The segments from the resource on: resource, name, subresource, the rest.
    public internal(set) var parts: [String] = []
    /// The `labelSelector` of a list, watch or deletecollection as sent; empty otherwise.
    public internal(set) var labelSelectorText = ""
    /// The `fieldSelector` of a list, watch or deletecollection as sent; empty otherwise.
    public internal(set) var fieldSelectorText = ""

    /// A request that is about no resource.
    public init(path: String, verb: String) {
        self.path = path
        self.verb = verb
    }

    /// A request about a resource, under a path that need not say so.
    public init(
        path: String, verb: String, groupVersion: GroupVersion, resource: String, subresource: String = "",
        namespace: String = "", name: String = ""
    ) {
        self.init(path: path, verb: verb)
        isResourceRequest = true
        apiPrefix = "apis"
        group = groupVersion.group
        version = groupVersion.version
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
        parts = [resource, name, subresource].filter { !$0.isEmpty }
    }

    /// The same in another namespace.
    public func inNamespace(_ namespace: String) -> RequestInfo {
        var info = self
        info.namespace = namespace
        return info
    }

    /// The verb is `watch` or `proxy`, or the subresource one that kube-apiserver lets stream: no deadline, not counted as
    /// in flight (conformance 14). Nothing else may outlive the 60 seconds of a proxied request.
    public var isLongRunning: Bool {
        guard isResourceRequest else { return false }
        return verb == "watch" || verb == "proxy"
            || !subresource.isEmpty && Self.longRunningSubresources.contains(subresource)
    }

    /// Whether the request may change something: all but get, list, watch of resources, and GET, HEAD, OPTIONS otherwise.
    public var isMutating: Bool {
        switch verb {
        case "get", "list", "watch": false
        case "head", "options": isResourceRequest
        default: true
        }
    }

    private static let longRunningSubresources: Set<String> = ["attach", "exec", "log", "portforward", "proxy"]
}
