public import HTTPTransport

/// Where a collector is: the URL below which its API `/api/0` lies.
public struct CollectorAddress: Sendable, Hashable, CustomStringConvertible {
    /// Plain or TLS.
    public let scheme: ClientRequest.Scheme
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    public let host: String
    /// 1 to 65535.
    public let port: Int
    /// What is before `/api/0`: empty, or `/base` without a slash at its end.
    public let basePath: String

    /// Reads `http://collector:10100`, `https://collector.example/profefe/`, `http://[fd00::1]:10100`; a missing port is the scheme's.
    ///
    /// Nil: other schemes or none, a user, a query or fragment, an empty host, a port outside of 1…65535, blanks, controls and escapes
    /// in the path.
    public init?(url: String) {
        let schemes: [(String, ClientRequest.Scheme)] = [("https://", .https), ("http://", .http)]
        guard let (prefix, scheme) = schemes.first(where: { url.prefix($0.0.count).lowercased() == $0.0 }) else {
            return nil
        }
        let rest = url.dropFirst(prefix.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (host, port) = Self.split(rest[..<slash]), rest[slash...].utf8.allSatisfy(Self.isInPath) else {
            return nil
        }
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        self.scheme = scheme
        self.host = host
        self.port = port ?? (scheme == .https ? 443 : 80)
        basePath = String(path)
    }

    /// The address in one form, whatever form it was given in.
    public var description: String {
        "\(scheme.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)\(basePath)"
    }

    private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
        var host = authority
        var tail: Substring = ""
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            tail = authority[authority.index(after: end)...]
            guard host.contains(":"), host.utf8.allSatisfy({ isInName($0) || $0 == UInt8(ascii: ":") }) else {
                return nil
            }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            tail = authority[colon...]
        }
        guard !host.isEmpty, authority.first == "[" || host.utf8.allSatisfy(isInName) else { return nil }
        guard !tail.isEmpty else { return (String(host), nil) }
        let digits = tail.dropFirst()
        guard tail.first == ":", (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), (1...65535).contains(port)
        else { return nil }
        return (String(host), port)
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isInPath(_ byte: UInt8) -> Bool {
        isInName(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "~")
    }
}
