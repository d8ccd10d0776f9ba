/// The three paths that everybody may ask, always (conformance 3.2).
enum HealthPaths {
    /// Whether it is exactly `/healthz`, `/livez` or `/readyz`; paths below them aren't.
    static func isExact(_ info: RequestInfo) -> Bool {
        guard !info.isResourceRequest else { return false }
        return info.path == "/livez" || info.path == "/readyz" || info.path == "/healthz"
    }
}
