/// The resources a server has: the only ones that metrics name. Others are counted with empty labels, so that a client can't
/// make new series by asking for nonsense.
public struct KnownResources: Sendable {
    struct Entry: Hashable, Sendable {
        let group: String
        let version: String
        let resource: String
        let subresource: String
    }
    /// Whether the entry is a connector, whose requests are counted with verb `CONNECT`.
    private var connects: [Entry: Bool] = [:]
    private var paths: Set<String> = ["/healthz", "/livez", "/metrics", "/readyz", "/version"]

    /// Knows the health paths, `/metrics` and `/version` only.
    public init() {}

    /// Adds a resource or one of its subresources; `connects` if it is a connector (verb `CONNECT`, as kube-apiserver has it).
    public mutating func insert(
        group: String, version: String, resource: String, subresource: String = "", connects: Bool = false
    ) {
        let entry = Entry(group: group, version: version, resource: resource, subresource: subresource)
        self.connects[entry] = connects
    }

    /// Nil if the resource isn't known, else whether it is a connector.
    func connector(_ info: RequestInfo) -> Bool? {
        connects[
            Entry(group: info.group, version: info.version, resource: info.resource, subresource: info.subresource)]
    }

    func isKnown(path: String) -> Bool { paths.contains(path) }
}
