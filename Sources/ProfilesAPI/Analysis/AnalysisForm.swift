internal import APIMachinery
internal import APIServer
internal import HTTPTransport
internal import NIOHTTP1

/// A form that an analysis is answered in.
enum AnalysisForm: String, Sendable {
    case table, json, text, svg, folded, speedscope, dot, pprof
    /// Nested JSON of a flame graph.
    case tree

    /// What is sent as Content-Type.
    var mediaType: String {
        switch self {
        case .table, .json, .tree, .speedscope: "application/json"
        case .text, .folded: "text/plain; charset=utf-8"
        case .svg: "image/svg+xml"
        case .dot: "text/vnd.graphviz; charset=utf-8"
        case .pprof: "application/octet-stream"
        }
    }

    /// The media type without its parameters.
    fileprivate var essence: Substring { mediaType.prefix { $0 != ";" } }
}

/// The forms of one kind of analysis, and how a request chooses among them (`api.md` 3).
struct AnalysisForms: Sendable {
    /// What `format` may say, and what it means; the first is the default.
    let named: [(name: String, form: AnalysisForm)]

    static let top = AnalysisForms(named: [("json", .json), ("table", .table), ("text", .text)])
    static let flameGraph = AnalysisForms(
        named: [("svg", .svg), ("json", .tree), ("folded", .folded), ("speedscope", .speedscope)])
    static let graph = AnalysisForms(named: [("dot", .dot)])
    static let difference = AnalysisForms(
        named: [
            ("pprof", .pprof), ("top", .text), ("flamegraph", .svg), ("json", .json), ("table", .table),
            ("graph", .dot),
        ])
    static let merge = AnalysisForms(named: [("pprof", .pprof)])

    /// `format` wins over Accept; a wildcard in Accept is no preference, since kubectl sends one beside application/json.
    ///
    /// - Throws: 400 for an unknown format; 406 if nothing that is accepted is made here.
    func choose(_ request: AuthorizedRequest) throws(StatusError) -> AnalysisForm {
        if let name = request.query["format"], !name.isEmpty {
            guard let known = named.first(where: { $0.name == name }) else {
                throw AnalysisQuery(request.query).invalid(
                    "format", name, "must be one of \(named.map(\.name).joined(separator: ", "))")
            }
            return known.form
        }
        let accept = AcceptHeader(request.http.head.headers[canonicalForm: "accept"].map(String.init))
        let isOpen = accept.clauses.contains { $0.type == "*" }
        for clause in accept.clauses where clause.type != "*" {
            let isTable = clause.parameters["as"] == "Table"
            // Beside a wildcard JSON is only what kubectl always sends.
            if isOpen, !isTable, clause.covers("application/json") { continue }
            if let form = named.map(\.form).first(where: {
                clause.covers(String($0.essence)) && ($0 == .table) == isTable
            }) {
                return form
            }
        }
        guard isOpen, let first = named.first else {
            throw StatusError.notAcceptable(named.map { String($0.form.essence) })
        }
        return first.form
    }
}
