/// Where a pod serves its profiles. What the spec gives goes before what the annotations give, and both before the defaults.
public struct ProfilingEndpoint: Sendable, Equatable {
    /// How the pod is spoken to.
    public enum Scheme: String, Sendable, Equatable {
        case http = "HTTP"
        case https = "HTTPS"
    }

    /// The port where neither spec nor annotation names one, as kube-profefe.
    public static let defaultPort = PortReference.number(6060)
    /// The path where neither spec nor annotation names one: Go's.
    public static let defaultPath = "/debug/pprof"

    /// Port number or name; nil: annotation or default.
    public var port: PortReference?
    /// Absolute path of the handlers' parent; nil: annotation or default.
    public var path: String?
    /// nil: annotation or HTTP.
    public var scheme: Scheme?

    /// An endpoint; what is nil is left to the pod.
    public init(port: PortReference? = nil, path: String? = nil, scheme: Scheme? = nil) {
        self.port = port
        self.path = path
        self.scheme = scheme
    }

    /// Whether `path` is absolute, confined and free of anything that a request line could misread.
    ///
    /// Accepted: `/debug/pprof`, `/a-b/c.d`. Refused: relative, `..` or `.` segments, `//`, `?`, `#`, `%`, blanks, control and
    /// non-ASCII characters, more than 256 bytes.
    public static func isLegalPath(_ path: String) -> Bool {
        guard path.utf8.count <= 256, path.utf8.first == 0x2f else { return false }
        let plain = path.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && !Self.forbidden.contains(byte)
        }
        guard plain else { return false }
        if path == "/" { return true }
        let trimmed = path.hasSuffix("/") ? path.dropLast() : path[...]
        return trimmed.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy { segment in
            !segment.isEmpty && segment != "." && segment != ".."
        }
    }

    private static let forbidden = Set("?#%\\\"<>{}|^`".utf8)
}
