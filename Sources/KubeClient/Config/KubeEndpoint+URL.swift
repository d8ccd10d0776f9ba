extension KubeEndpoint {
    /// Reads `https://host`, `https://10.0.0.1:6443`, `https://[fd00::1]:6443/base`.
    ///
    /// Nil: other schemes or none, a user, query or fragment, an empty host, a port outside of 1…65535, blanks and controls.
    public init?(url: String) {
        let isTLS: Bool
        let rest: Substring
        if let after = Self.suffix(of: url, after: "https://") {
            (isTLS, rest) = (true, after)
        } else if let after = Self.suffix(of: url, after: "http://") {
            (isTLS, rest) = (false, after)
        } else {
            return nil
        }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains(where: { "?#@\\\"".contains($0) }) else {
            return nil
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (host, port) = Self.split(authority: rest[..<slash]) else { return nil }
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        self.init(isTLS: isTLS, host: host, port: port ?? (isTLS ? 443 : 80), basePath: String(path))
    }

    private static func suffix(of url: String, after scheme: String) -> Substring? {
        url.prefix(scheme.count).lowercased() == scheme ? url.dropFirst(scheme.count) : nil
    }

    /// Host, and port if there is one.
    private static func split(authority: Substring) -> (host: String, port: Int?)? {
        var host = authority
        var portText: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard host.contains(":"), host.allSatisfy(isInAddress), after.isEmpty || after.first == ":" else {
                return nil
            }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            portText = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty, authority.first == "[" || host.allSatisfy(isInName) else { return nil }
        guard let portText else { return (String(host), nil) }
        guard let port = port(portText) else { return nil }
        return (String(host), port)
    }

    private static func isInName(_ letter: Character) -> Bool {
        letter.isASCII && (letter.isLetter || letter.isNumber || "-._".contains(letter))
    }

    private static func isInAddress(_ letter: Character) -> Bool { isInName(letter) || letter == ":" }

    /// 1 to 65535, digits only.
    static func port(_ text: some StringProtocol) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text), (1...65535).contains(port)
        else { return nil }
        return port
    }
}
