/// What counts as one place in a report (`go tool pprof -functions`, `-files` …).
public enum Granularity: String, Sendable, CaseIterable {
    /// By function name, whatever the file.
    case functions
    /// By function name and file.
    case filefunctions
    /// By file.
    case files
    /// By function, file and line.
    case lines
    /// By address, with all that is known of it.
    case addresses
}
