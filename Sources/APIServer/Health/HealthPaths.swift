/// The three paths that everybody may ask, always (conformance 3.2).
enum HealthPaths {
    /// `/healthz`, `/livez` and `/readyz`; paths below them aren't.
    static let all = ["/livez", "/readyz", "/healthz"]

    /// Whether it is exactly one of them.
    static func contains(_ path: String) -> Bool { all.contains(path) }
}
