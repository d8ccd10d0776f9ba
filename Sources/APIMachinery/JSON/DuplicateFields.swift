/// Collects the paths of fields that were written twice, with a bound on what it keeps.
///
/// The bounds are those of sigs.k8s.io/json (100 errors, each path once) and one of ours on the length of a path.
struct DuplicateFields {
    enum Step {
        case key(String)
        case element(Int)
    }

    private(set) var paths: [String] = []
    private static let limit = 100
    private static let longestPath = 1024

    /// False once nothing more is kept, so that callers needn't build the path.
    var wantsMore: Bool { paths.count < DuplicateFields.limit }

    mutating func add(_ steps: some Sequence<Step>) {
        guard wantsMore else { return }
        var path = ""
        for step in steps {
            switch step {
            case .key(let key):
                if !path.isEmpty { path += "." }
                path += key
            case .element(let at):
                path += "[\(at)]"
            }
            if path.utf8.count > DuplicateFields.longestPath {
                path = path.prefix(DuplicateFields.longestPath / 4) + "…"
                break
            }
        }
        if !paths.contains(where: { sameBytes($0, path) }) { paths.append(path) }
    }
}
