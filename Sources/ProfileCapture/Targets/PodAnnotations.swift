internal import APIMachinery

/// The annotations `profefe.com/…` of a pod, read and checked.
///
/// They are kube-profefe's (`enable`, `port`, `path`, `service`) with `scheme` and `container` added.
/// A bad value is an error that names the annotation, the value and what is allowed; all of them are told at once.
public struct PodAnnotations: Sendable, Equatable {
    /// The prefix of every annotation that the server reads.
    public static let prefix = "profefe.com/"

    /// `profefe.com/enable: "true"`: whoever may create captures in the namespace may profile this pod.
    public var isEnabled = false
    /// `profefe.com/port`: a number or the name of a declared port.
    public var port: PortReference?
    /// `profefe.com/path`: where the pprof handlers are.
    public var path: String?
    /// `profefe.com/scheme`: HTTP or HTTPS.
    public var scheme: ProfilingEndpoint.Scheme?
    /// `profefe.com/service`: the service that the profiles belong to.
    public var service: String?
    /// `profefe.com/container`: which container a port name belongs to.
    public var container: String?

    /// Reads the annotations of a pod; an empty value counts as none.
    ///
    /// - Throws: ``CaptureError`` `invalidTarget` with every value that can't be used.
    public init(_ annotations: [String: String]) throws(CaptureError) {
        var faults: [String] = []
        func read<Value>(_ name: String, _ allowed: String, _ parse: (String) -> Value?) -> Value? {
            guard let text = annotations[Self.prefix + name], !text.isEmpty else { return nil }
            if let value = parse(text) { return value }
            faults.append("annotation \(Self.prefix)\(name): \"\(text.prefix(80))\" is not \(allowed)")
            return nil
        }
        isEnabled = read("enable", "true or false") { Self.booleans[$0.lowercased()] } ?? false
        port = read("port", "a port number from 1 to 65535 or a port name") { PortReference($0) }
        path = read("path", "an absolute path of at most 256 plain characters, without \"..\", query and escapes") {
            ProfilingEndpoint.isLegalPath($0) ? $0 : nil
        }
        scheme = read("scheme", "HTTP or HTTPS") { ProfilingEndpoint.Scheme(rawValue: $0.uppercased()) }
        service = read("service", "a name of at most \(Self.longestService) bytes without control characters") {
            Self.isService($0) ? $0 : nil
        }
        container = read("container", "a container's name") { Names.dns1123Label($0).isEmpty ? $0 : nil }
        guard faults.isEmpty else { throw CaptureError(.invalidTarget, faults.joined(separator: "; ")) }
    }

    /// The longest name of a service.
    private static let longestService = 253

    private static func isService(_ text: String) -> Bool {
        text.utf8.count <= longestService && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }

    /// What Go's `strconv.ParseBool` takes, as kube-profefe did.
    private static let booleans: [String: Bool] = [
        "1": true, "t": true, "true": true, "0": false, "f": false, "false": false,
    ]
}
