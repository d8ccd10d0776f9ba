internal import APIMachinery
internal import HTTPTransport
internal import NIOConcurrencyHelpers
internal import NIOHTTP1

/// What method and target of a request say, what the steps of the chain make of that, and the series it is counted in. Immutable:
/// requests share it.
final class ReadTarget: Sendable {
    let info: RequestInfo
    let query: QueryItems
    /// Nil where nothing is counted.
    let series: RequestMetrics.Series?
    /// The limit that it counts against, unless its sender is exempt.
    let place: InFlightLimits.Kind?
    /// Whether requests share it.
    let comesAgain: Bool

    init(info: RequestInfo, query: QueryItems, series: RequestMetrics.Series? = nil, comesAgain: Bool = false) {
        self.info = info
        self.query = query
        self.series = series
        self.comesAgain = comesAgain
        place = InFlightLimits.kind(of: info)
    }
}

/// Reads what requests are about. Targets of GETs that name no object, such as `/version`, discovery and lists, are few and
/// come again and again: they are remembered.
struct TargetReader: Sendable {
    /// Bytes of the longest target that is remembered.
    private static let longest = 128
    /// Bounded: emptied when full, for targets come from outside.
    private static let limit = 512

    let metrics: RequestMetrics
    /// Nil where requests are Kubernetes' own.
    private let dialect: (any RequestDialect)?
    private let known = NIOLockedValueBox<[String: ReadTarget]>([:])

    init(metrics: RequestMetrics, dialect: (any RequestDialect)? = nil) {
        self.metrics = metrics
        self.dialect = dialect
    }

    /// Throws what ``RequestTarget`` and ``RequestInfo`` refuse.
    func read(_ http: HTTPRequest) throws -> ReadTarget {
        guard http.head.method == .GET, http.head.target.utf8.count <= Self.longest else {
            return try parse(http.head, mayComeAgain: false)
        }
        if let target = known.withLockedValue({ $0[http.head.target] }) { return target }
        let target = try parse(http.head, mayComeAgain: true)
        if target.comesAgain {
            known.withLockedValue { known in
                if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
                known[http.head.target] = target
            }
        }
        return target
    }

    private func parse(_ head: HTTPTransport.HTTPRequestHead, mayComeAgain: Bool) throws -> ReadTarget {
        let target = try RequestTarget(head.target)
        let query = target.query.map { QueryItems(parsing: $0) } ?? QueryItems()
        let info =
            try dialect?.info(head.method, target, query)
            ?? RequestInfo(method: head.method, target: target, query: query)
        let dryRun = info.isMutating && query["dryRun"] == "All"
        return ReadTarget(
            info: info, query: query, series: metrics.series(for: info, method: head.method, dryRun: dryRun),
            comesAgain: mayComeAgain && info.name.isEmpty)
    }
}
