internal import APIMachinery
internal import Pprof
internal import ProfileReport

/// Reads the parameters of an analysis; a wrong one is a 400 that names it and what is allowed. Unknown ones are passed over, as
/// everywhere in Kubernetes.
///
/// | parameter | meaning |
/// |---|---|
/// | `sampleIndex` | a sample type by name or number |
/// | `focus`, `ignore`, `hide`, `show` | regular expressions, as pprof means them |
/// | `granularity` | functions, filefunctions, files, lines, addresses |
/// | `sort` | flat, cum |
/// | `n` or `nodeCount` | most rows or nodes; 0 for all |
/// | `nodeFraction`, `edgeFraction` | 0 to 1 |
/// | `maxNodes` | most frames of a flame graph, from 1 to what the server allows |
struct AnalysisQuery {
    private let query: QueryItems

    init(_ query: QueryItems) { self.query = query }

    /// The value of a parameter; nil if it is absent or empty.
    func text(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The options of a report.
    func options(_ limits: AnalysisLimits, nodeCount: Int) throws(StatusError) -> ReportOptions {
        var options = ReportOptions()
        options.sampleIndex = text("sampleIndex")
        options.granularity = try choice("granularity", Granularity.allCases) ?? .functions
        options.order = try choice("sort", ReportOptions.Order.allCases) ?? .flat
        options.nodeCount = nodeCount
        for name in ["n", "nodeCount"] {
            if let count = try integer(name, 0...1_000_000) { options.nodeCount = count }
        }
        let mostNodes = max(1, limits.mostNodes)
        options.maxNodes = try integer("maxNodes", 1...mostNodes) ?? min(options.maxNodes, mostNodes)
        options.treeBytes = limits.memoryBytes
        options.nodeFraction = try fraction("nodeFraction") ?? options.nodeFraction
        options.edgeFraction = try fraction("edgeFraction") ?? options.edgeFraction
        options.maxBytes = limits.answerBytes
        options.filter = FrameFilter(
            focus: try pattern("focus"), ignore: try pattern("ignore"), hide: try pattern("hide"),
            show: try pattern("show"))
        options.activeFilters = ["focus", "ignore", "hide", "show"].compactMap { name in
            text(name).map { "\(name)=\($0)" }
        }
        return options
    }

    /// A whole number within a range.
    func integer(_ name: String, _ range: ClosedRange<Int>) throws(StatusError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw invalid(name, text, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `true`, `false`, `1`, `0`; present without a value is true.
    func flag(_ name: String) throws(StatusError) -> Bool {
        guard let text = query[name] else { return false }
        switch text {
        case "true", "1", "": return true
        case "false", "0": return false
        default: throw invalid(name, text, "must be true or false")
        }
    }

    /// One of the texts of an enumeration.
    func choice<Value: RawRepresentable<String>>(_ name: String, _ values: [Value]) throws(StatusError) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = values.first(where: { $0.rawValue == text }) else {
            throw invalid(name, text, "must be one of \(values.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    private func fraction(_ name: String) throws(StatusError) -> Double? {
        guard let text = text(name) else { return nil }
        guard let value = Double(text), value >= 0, value <= 1 else {
            throw invalid(name, text, "must be a number from 0 to 1")
        }
        return value
    }

    private func pattern(_ name: String) throws(StatusError) -> FramePattern? {
        guard let text = text(name) else { return nil }
        do throws(PprofError) {
            return try FramePattern(text)
        } catch {
            throw invalid(name, text, "must be a regular expression: \(error)")
        }
    }

    /// 400 about one parameter.
    func invalid(_ name: String, _ value: String, _ detail: String) -> StatusError {
        .badRequest("\(FieldError.invalid(FieldPath(name), .text(value), detail))")
    }
}
