internal import Pprof

/// A function's name without its package or namespace, for boxes of a graph (google/pprof `ShortenFunctionName`).
enum ShortName {
    /// Each gives in its group what is to be left of a name.
    private static let patterns = [
        #"^(?:[\w\-\.]+\/)+([^.]+\..+)"#,
        #"^(?:[a-z]\w*\.)*([A-Z][\w\$]*\.(?:<init>|[a-z][\w\$]*(?:\$\d+)?))(?:(?:\()|$)"#,
        #"^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)?)"#,
    ]
    /// Compiled at the first use; the texts are our own.
    private static let compiled = patterns.compactMap { try? FramePattern($0) }
    private static let version = try? FramePattern(#"^(.*?)/v(?:[2-9]|[1-9][0-9]+)([./].*)$"#)

    static func of(_ name: String) -> String {
        var name = name
        if name.hasPrefix("(anonymous namespace)::") { name.removeFirst("(anonymous namespace)::".count) }
        if let parts = version?.groups(2, of: name) { name = parts.joined() }
        for pattern in compiled {
            if let groups = pattern.groups(1, of: name) { return groups[0] }
        }
        return name
    }
}
