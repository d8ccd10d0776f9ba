/// The annotations `profefe.com/…` of a pod, read and checked.
///
/// They are kube-profefe's (`enable`, `port`, `path`, `service`) with `scheme`, `container` and `seconds` added.
/// A bad value is an error that names the annotation, the value and what is allowed; it never hides the others.
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

    /// Reads the annotations of a pod.
    ///
    /// - Throws: ``CaptureError`` `invalidTarget` for the first value that can't be used.
    public init(_ annotations: [String: String]) throws(CaptureError) {
        func value(_ name: String) -> String? { annotations[Self.prefix + name] }
        func refuse(_ name: String, _ text: String, _ allowed: String) -> CaptureError {
            CaptureError(.invalidTarget, "annotation \(Self.prefix)\(name): \"\(text.prefix(80))\" is not \(allowed)")
        }
        if let text = value("enable") {
            guard let enabled = Self.booleans[text.lowercased()] else { throw refuse("enable", text, "true or false") }
            isEnabled = enabled
        }
        if let text = value("port") {
            guard let reference = PortReference(text) else {
                throw refuse("port", text, "a port number from 1 to 65535 or a port name")
            }
            port = reference
        }
        if let text = value("path") {
            guard ProfilingEndpoint.isLegalPath(text) else {
                throw refuse("path", text, "an absolute path without \"..\", query or control characters")
            }
            path = text
        }
        if let text = value("scheme") {
            guard let parsed = ProfilingEndpoint.Scheme(rawValue: text.uppercased()) else { throw refuse("scheme", text, "HTTP or HTTPS") }
            scheme = parsed
        }
        service = value("service").flatMap { $0.isEmpty ? nil : $0 }
        container = value("container").flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What Go's `strconv.ParseBool` takes, as kube-profefe did.
    private static let booleans: [String: Bool] = [
        "1": true, "t": true, "true": true, "0": false, "f": false, "false": false, "": false,
    ]
}

/// A port by number or by the name that a container gives it.
public enum PortReference: Sendable, Equatable, CustomStringConvertible {
    /// 1 to 65535.
    case number(Int)
    /// An IANA service name: 1 to 15 lower-case alphanumerics and `-`, with a letter.
    case name(String)

    /// Accepts `6060` and `pprof`; refuses `0`, `65536`, the empty text and names that no container can declare.
    public init?(_ text: String) {
        if let number = Int(text) {
            guard (1...65535).contains(number) else { return nil }
            self = .number(number)
            return
        }
        let bytes = text.utf8
        guard (1...15).contains(bytes.count), bytes.contains(where: { (0x61...0x7a).contains($0) }),
            bytes.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d })
        else { return nil }
        self = .name(text)
    }

    /// The number or the name.
    public var description: String {
        switch self {
        case .number(let number): String(number)
        case .name(let name): name
        }
    }
}
