/// The parameters of a pprof URL, read as Go's `net/http` reads a form value: the first of a name, an empty text where there is none.
struct PprofQuery {
    private var values: [String: String] = [:]

    init(_ query: Substring) {
        for pair in query.split(separator: "&") where !pair.contains(";") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, values[String(name)] == nil else { continue }
            values[String(name)] = parts.count > 1 ? String(parts[1]) : ""
        }
    }

    subscript(name: String) -> String { values[name] ?? "" }

    /// A whole number of seconds as `strconv.ParseInt` reads it; nil if it isn't one, or if it is not positive.
    var seconds: Int64? {
        guard let seconds = Int64(self["seconds"]), seconds > 0 else { return nil }
        return seconds
    }
}
