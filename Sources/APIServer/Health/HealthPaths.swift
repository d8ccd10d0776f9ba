/// The three paths that everybody may ask, always (conformance 3.2).
enum HealthPaths {
    /// Whether it is exactly `/healthz`, `/livez` or `/readyz`; paths below them aren't.
    static func contains(_ path: String) -> Bool {
        path == "/livez" || path == "/readyz" || path == "/healthz"
    }
}
