/// The resources a server has: the only ones that metrics name. Others are counted with empty labels, so that a client can't
/// make new series by asking for nonsense.
public struct KnownResources: Sendable {
    private struct Entry: Sendable {
        let group: String
        let version: String
        let resource: String
        let subresource: String
        /// A connector's requests are counted with verb `CONNECT`.
        let connects: Bool
    }
    /// A dozen: to compare short texts takes less than to hash them.
    private var entries: [Entry] = []
    private var paths: Set<String> = ["/healthz", "/livez", "/metrics", "/readyz", "/version"]

    /// Knows the health paths, `/metrics` and `/version` only.
    public init() {}

    /// Adds a resource or one of its subresources; `connects` if it is a connector (verb `CONNECT`, as kube-apiserver has it).
    public mutating func insert(
        group: String, version: String, resource: String, subresource: String = "", connects: Bool = false
    ) {
        entries.append(
            Entry(group: group, version: version, resource: resource, subresource: subresource, connects: connects))
    }

    /// Nil if the resource isn't known, else whether it is a connector.
    func connector(_ info: RequestInfo) -> Bool? {
        for entry in entries
        where entry.resource == info.resource && entry.subresource == info.subresource && entry.group == info.group
            && entry.version == info.version
        {
            return entry.connects
        }
        return nil
    }

    func isKnown(path: String) -> Bool { paths.contains(path) }
}
