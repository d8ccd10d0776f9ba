/// File names of functions as pprof shows them.
enum SourcePath {
    /// Without what Bazel puts before, and as Go's `filepath.Clean` has it: no `.`, no `//`, `..` resolved.
    static func clean(_ path: String) -> String {
        var rest = Substring(path)
        for prefix in ["/proc/self/cwd/./", "/proc/self/cwd/"] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
            break
        }
        let isRooted = rest.hasPrefix("/")
        var parts: [Substring] = []
        for part in rest.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isRooted {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if isRooted { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }

    /// The last part, as Go's `filepath.Base`: "." of nothing, "/" of slashes.
    static func base(_ path: String) -> String {
        if path.isEmpty { return "." }
        guard let last = path.split(separator: "/", omittingEmptySubsequences: true).last else { return "/" }
        return String(last)
    }
}
