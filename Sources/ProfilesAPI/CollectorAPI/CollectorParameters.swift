internal import APIMachinery
internal import ProfefeCollector
internal import ProfileStore

/// The parameters that every call with parameters has, read in profefe's order and refused in its words
/// (`pkg/profefe/request.go`).
struct CollectorParameters {
    let query: QueryItems
    let service: String
    /// Nil for all: missing, empty and unknown names, among them `allocs`.
    let type: CollectorType?
    let labels: CollectorLabels

    init(_ query: QueryItems) throws(StatusError) {
        self.query = query
        service = query["service"] ?? ""
        guard !service.isEmpty else { throw CollectorRefusal.badRequest("missing \"service\"") }
        type = CollectorType(name: query["type"] ?? "")
        let text = query["labels"] ?? ""
        do throws(WireError) {
            labels = try CollectorLabels(parameter: text)
        } catch {
            throw CollectorRefusal.badRequest("bad \"labels\" \(Self.shown(text)): \(error.message)")
        }
    }

    /// The time that a parameter says; nil without it.
    func time(_ name: String, _ what: String = "") throws(StatusError) -> Timestamp? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let time = CollectorTime.parse(text) else {
            let shown = Self.shown(text)
            throw CollectorRefusal.badRequest("bad \"\(name)\"\(what) \(shown): time in unsupported format \(shown)")
        }
        return time
    }

    /// A value in a message.
    static func shown(_ text: String) -> String { String(text.prefix(512)).quoted }
}

/// What a search is for.
struct CollectorFind: Sendable {
    let service: String
    let type: CollectorType?
    let labels: CollectorLabels
    /// Both ends count, to the nanosecond.
    let range: ClosedRange<Timestamp>
    /// The newest so many; nil for all.
    let limit: Int?

    init(_ query: QueryItems) throws(StatusError) {
        let parameters = try CollectorParameters(query)
        guard let from = try parameters.time("from", " timestamp") else {
            throw CollectorRefusal.badRequest("missing \"from\"")
        }
        guard let to = try parameters.time("to", " timestamp") else {
            throw CollectorRefusal.badRequest("missing \"to\"")
        }
        let limit = try Self.limit(query["limit"] ?? "")
        guard from <= to else {
            throw CollectorRefusal.badRequest("CreatedAtMin after CreatedAtMax: \(Self.go(from)), \(Self.go(to))")
        }
        service = parameters.service
        type = parameters.type
        labels = parameters.labels
        range = from...to
        self.limit = limit.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func limit(_ text: String) throws(StatusError) -> Int? {
        guard !text.isEmpty else { return nil }
        if let limit = Int(text) { return limit }
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let shown = CollectorParameters.shown(text)
        throw CollectorRefusal.badRequest(
            "bad \"limit\" \(shown): strconv.Atoi: parsing \(shown): \(isNumber ? "value out of range" : "invalid syntax")"
        )
    }

    /// As Go prints a time.
    private static func go(_ time: Timestamp) -> String {
        CollectorTime.text(time).replacing("T", with: " ") + " +0000 UTC"
    }
}
