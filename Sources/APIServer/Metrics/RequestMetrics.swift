internal import NIOConcurrencyHelpers
internal import NIOHTTP1

/// Counts requests by kube-apiserver's names and labels (conformance 11.2), so that its dashboards and alerts work here.
///
/// Label values come from closed sets: verbs, ``KnownResources``, scopes, HTTP codes. A request's series are looked up once.
public struct RequestMetrics: Sendable {
    /// The series of one kind of request.
    final class Series: Sendable {
        let labels: [String]
        let duration: Histogram
        let serviceLevel: Histogram?
        let sizes: Histogram
        let bodySizes: Histogram
        let longRunning: Gauge?
        private let totals: CounterFamily
        private let byCode = NIOLockedValueBox<[(code: UInt, counter: Counter)]>([])

        init(_ key: Key, isLongRunning: Bool, in families: Families) {
            labels = key.labels
            let short = [key.verb] + labels.dropFirst(2)
            totals = families.total
            duration = families.duration.with(labels)
            serviceLevel = isLongRunning ? nil : families.serviceLevel.with(short)
            sizes = families.sizes.with(short)
            bodySizes = families.bodySizes.with(key.group, key.resource, key.verb)
            longRunning = isLongRunning ? families.longRunning.with(short) : nil
        }

        func count(code: UInt) {
            byCode.withLockedValue { known in
                if let counter = known.first(where: { $0.code == code })?.counter { return counter }
                let counter = totals.with(labels + [String(code)])
                known.append((code, counter))
                return counter
            }.increment()
        }
    }

    struct Key: Hashable {
        var verb: String
        var dryRun = false
        var group = ""
        var version = ""
        var resource = ""
        var subresource = ""
        var scope = ""

        var labels: [String] {
            [verb, dryRun ? "All" : "", group, version, resource, subresource, scope, "apiserver"]
        }
    }

    struct Families: Sendable {
        let total: CounterFamily
        let duration: HistogramFamily
        let serviceLevel: HistogramFamily
        let sizes: HistogramFamily
        let bodySizes: HistogramFamily
        let longRunning: GaugeFamily
        let terminations: CounterFamily
        let aborts: CounterFamily
    }

    private let families: Families
    private let resources: KnownResources
    private let series = NIOLockedValueBox<[Key: Series]>([:])

    /// Registers the families of `apiserver_request_…` in `registry`.
    public init(registry: MetricsRegistry, resources: KnownResources) {
        self.resources = resources
        let kind = ["group", "version", "resource", "subresource", "scope", "component"]
        let all = ["verb", "dry_run"] + kind
        let short = ["verb"] + kind
        families = Families(
            total: registry.counters("apiserver_request_total", "Requests answered.", labels: all + ["code"]),
            duration: registry.histograms(
                "apiserver_request_duration_seconds", "Time from the receipt of a request to the end of its answer.",
                labels: all, buckets: Self.durationBuckets),
            serviceLevel: registry.histograms(
                "apiserver_request_sli_duration_seconds", "The same without long-running requests.",
                labels: short, buckets: Array(Self.durationBuckets.dropFirst(2))),
            sizes: registry.histograms(
                "apiserver_response_sizes", "Bytes of whole (not streamed) answers.", labels: short,
                buckets: [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]),
            bodySizes: registry.histograms(
                "apiserver_request_body_size_bytes", "Bytes of the bodies of requests.",
                labels: ["group", "resource", "verb"], buckets: (0..<31).map { 50_000 + 100_000 * Double($0) }),
            longRunning: registry.gauges(
                "apiserver_longrunning_requests", "Long-running requests being answered.", labels: short),
            terminations: registry.counters(
                "apiserver_request_terminations_total", "Requests refused or ended in self-defence.",
                labels: short + ["code"]),
            aborts: registry.counters(
                "apiserver_request_aborts_total",
                "Answers that were not completed: the client left, or they took too long.",
                labels: short))
    }

    private static let durationBuckets: [Double] = [
        0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
    ]

    /// The series of a request.
    func series(for info: RequestInfo, method: HTTPMethod, dryRun: Bool) -> Series {
        let key = key(info, method: method, dryRun: dryRun)
        return series.withLockedValue { series in
            if let known = series[key] { return known }
            let made = Series(key, isLongRunning: info.isLongRunning, in: families)
            series[key] = made
            return made
        }
    }

    /// Counts a 429 or 504 that the chain answered itself.
    func countTermination(_ series: Series, code: UInt) {
        families.terminations.with(Self.short(series) + [String(code)]).increment()
    }

    /// Counts an answer that broke off.
    func countAbort(_ series: Series) { families.aborts.with(Self.short(series)).increment() }

    private static func short(_ series: Series) -> [String] {
        var labels = series.labels
        labels.remove(at: 1)
        return labels
    }

    private func key(_ info: RequestInfo, method: HTTPMethod, dryRun: Bool) -> Key {
        guard info.isResourceRequest else {
            let subresource = resources.isKnown(path: info.path) ? info.path : ""
            return Key(verb: Self.name(of: method), subresource: subresource)
        }
        guard let connects = resources.connector(info) else { return Key(verb: "other", scope: Self.scope(info)) }
        let verb = connects ? "CONNECT" : Self.verbs[info.verb] ?? "other"
        return Key(
            verb: verb, dryRun: dryRun, group: info.group, version: info.version, resource: info.resource,
            subresource: info.subresource, scope: Self.scope(info))
    }

    private static func scope(_ info: RequestInfo) -> String {
        if !info.name.isEmpty || info.verb == "create" { return "resource" }
        return info.namespace.isEmpty ? "cluster" : "namespace"
    }

    private static func name(of method: HTTPMethod) -> String {
        switch method {
        case .GET, .HEAD, .POST, .PUT, .PATCH, .DELETE, .OPTIONS: method.rawValue
        default: "other"
        }
    }

    private static let verbs = [
        "get": "GET", "list": "LIST", "watch": "WATCH", "create": "POST", "update": "PUT", "patch": "PATCH",
        "delete": "DELETE", "deletecollection": "DELETECOLLECTION", "proxy": "CONNECT",
    ]
}
