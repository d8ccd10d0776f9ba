internal import APIMachinery
internal import NIOCore

/// One pod with the address that its profiles are fetched from: the result of resolving a capture's target.
public struct CaptureTarget: Sendable, Equatable {
    /// The pod as it was when it was resolved.
    public var pod: Pod
    /// The container whose port it is; empty if the port was given by number and no container declares it.
    public var container: String
    /// The pod's own address, never a name.
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// Without a trailing slash; empty for the root.
    public var path: String
    /// HTTP or HTTPS.
    public var scheme: ProfilingEndpoint.Scheme
    /// The service that the profiles belong to.
    public var service: String
    /// Whether the pod's owner opted in and the endpoint is the owner's: no further right is needed.
    public var isOptedIn: Bool

    /// Resolves where `pod` serves its profiles.
    ///
    /// - Parameters:
    ///   - pod: a pod of the capture's namespace.
    ///   - spec: what the requester asked for.
    /// - Throws: ``CaptureError`` `podGone` if the pod does not run or has no address, `invalidTarget` if an annotation, the
    ///   address, the container or the port name can't be used.
    public init(_ pod: Pod, _ spec: CaptureSpec) throws(CaptureError) {
        guard pod.isRunning, let address = pod.address, !address.isEmpty else {
            throw CaptureError(.podGone, "pod \"\(pod.key.name)\" is not running or has no address yet")
        }
        guard (try? SocketAddress(ipAddress: address, port: 0)) != nil else {
            throw CaptureError(.invalidTarget, "pod \"\(pod.key.name)\": \"\(address.prefix(80))\" is no IP address")
        }
        let annotations = try PodAnnotations(pod.annotations)
        let wanted = spec.endpoint.port ?? annotations.port ?? ProfilingEndpoint.defaultPort
        let named = spec.container ?? annotations.container
        let found = try Self.find(wanted, in: pod, container: named)
        let path = spec.endpoint.path ?? annotations.path ?? ProfilingEndpoint.defaultPath
        self.pod = pod
        container = found.container
        host = address
        port = found.number
        self.path = Self.trimmed(path)
        scheme = spec.endpoint.scheme ?? annotations.scheme ?? .http
        service = spec.service ?? annotations.service ?? pod.workload?.name ?? pod.key.name
        isOptedIn =
            annotations.isEnabled && Self.offers(annotations, of: pod).contains(found.number)
            && self.path == Self.trimmed(annotations.path ?? ProfilingEndpoint.defaultPath)
            && scheme == annotations.scheme ?? .http
    }

    private static func trimmed(_ path: String) -> String { path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// The port numbers that the pod's owner offers: one, or several where the annotated name is declared more than once.
    private static func offers(_ annotations: PodAnnotations, of pod: Pod) -> Set<Int> {
        switch annotations.port ?? ProfilingEndpoint.defaultPort {
        case .number(let number): return [number]
        case .name(let name):
            let containers = pod.containers.filter { annotations.container == nil || $0.name == annotations.container }
            return Set(containers.flatMap(\.ports).filter { $0.name == name }.map(\.number))
        }
    }

    private static func find(
        _ port: PortReference, in pod: Pod, container: String?
    ) throws(CaptureError) -> (container: String, number: Int) {
        let candidates = pod.containers.filter { container == nil || $0.name == container }
        if let container, candidates.isEmpty {
            let names = pod.containers.map(\.name).joined(separator: ", ")
            throw CaptureError(
                .invalidTarget, "pod \"\(pod.key.name)\" has no container \"\(container)\"; it has: \(names)")
        }
        switch port {
        case .number(let number):
            let owner = candidates.first { $0.ports.contains { $0.number == number } }
            return (owner?.name ?? (candidates.count == 1 ? candidates.first?.name : container) ?? "", number)
        case .name(let name):
            let owners = candidates.compactMap { candidate in
                candidate.ports.first { $0.name == name }.map { (container: candidate.name, number: $0.number) }
            }
            guard let owner = owners.first else {
                throw CaptureError(.invalidTarget, "pod \"\(pod.key.name)\" declares no port named \"\(name)\"")
            }
            guard owners.count == 1 else {
                let names = owners.map(\.container).joined(separator: ", ")
                throw CaptureError(
                    .invalidTarget,
                    "pod \"\(pod.key.name)\" declares port \"\(name)\" in several containers (\(names)): set spec.container"
                )
            }
            return owner
        }
    }
}
