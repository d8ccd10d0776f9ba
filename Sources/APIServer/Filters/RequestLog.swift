internal import APIMachinery
internal import HTTPTransport
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Writes one line for each request that was slow or failed, or for every one (conformance 11.4): verb, path, code, latency, user
/// agent, audit id, source, and the id of the trace that the client is in. Never other headers, never the query: they may hold
/// credentials. Long texts are cut: a flood of long headers must not become a flood of logs.
struct RequestLog: Sendable {
    let logger: Logger
    let slowThreshold: TimeAmount
    var tellsAll = false

    /// Looks at a finished request. Bad credentials are told to level debug: they come in floods.
    func finished(_ exchange: Exchange, latency: TimeAmount) {
        let failed = exchange.code >= 500
        if exchange.code == 401 { logger.debug("not authenticated", metadata: metadata(exchange, latency)) }
        let isSlow = latency > slowThreshold && exchange.info?.isLongRunning != true
        guard tellsAll || failed || exchange.broken != nil || isSlow else { return }
        let text =
            failed
            ? "request failed" : exchange.broken != nil ? "answer broke off" : isSlow ? "slow request" : "request"
        logger.log(level: failed ? .error : .info, "\(text)", metadata: metadata(exchange, latency))
    }

    private func metadata(_ exchange: Exchange, _ latency: TimeAmount) -> Logger.Metadata {
        let head = exchange.http.head
        var metadata: Logger.Metadata = [
            "verb": "\(exchange.info?.verb ?? head.method.rawValue)",
            "path": "\(Self.cut(exchange.info?.path ?? String(head.target.prefix { $0 != "?" })))",
            "code": "\(exchange.code)",
            "latency": "\(Self.milliseconds(latency))ms",
            "userAgent": "\(UserAgent.shown(head.headers.first(name: "user-agent") ?? ""))",
            "auditID": "\(exchange.auditID)",
            "source": "\(Self.source(exchange.http.connection))",
        ]
        if let trace = TraceContext(head.headers) { metadata["traceID"] = "\(trace.traceID)" }
        if let user = exchange.context?.user { metadata["user"] = "\(user.name)" }
        if let refusal = exchange.refusal { metadata["answer"] = "\(refusal.message)" }
        if let cause = exchange.broken ?? exchange.refusal?.cause { metadata["error"] = "\(cause)" }
        return metadata
    }

    private static func cut(_ path: String) -> String {
        path.utf8.count <= 2048 ? path : String(decoding: path.utf8.prefix(2048), as: UTF8.self) + "...TRUNCATED"
    }

    private static func milliseconds(_ time: TimeAmount) -> String {
        let micros = max(0, time.nanoseconds / 1000)
        let fraction = String(micros % 1000)
        return "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    private static func source(_ connection: PeerConnection) -> String {
        guard let address = connection.remoteAddress else { return "" }
        guard let ip = address.ipAddress, let port = address.port else { return address.description }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}
