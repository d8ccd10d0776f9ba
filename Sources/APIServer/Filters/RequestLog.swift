internal import APIMachinery
internal import HTTPTransport
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Writes one line for each request that was slow or failed (conformance 11.4): verb, path, code, latency, user agent, audit
/// id, source. Never headers, never the query: they may hold credentials.
struct RequestLog: Sendable {
    let logger: Logger
    let slowThreshold: TimeAmount

    /// Looks at a finished request. Bad credentials are told to level debug: they come in floods.
    func finished(_ exchange: Exchange, latency: TimeAmount) {
        let isLongRunning = exchange.info?.isLongRunning ?? false
        let failed = exchange.code >= 500
        if exchange.code == 401 { logger.debug("not authenticated", metadata: metadata(exchange, latency)) }
        guard failed || exchange.broken != nil || (latency > slowThreshold && !isLongRunning) else { return }
        let text = failed ? "request failed" : exchange.broken != nil ? "answer broke off" : "slow request"
        logger.log(level: failed ? .error : .info, "\(text)", metadata: metadata(exchange, latency))
    }

    private func metadata(_ exchange: Exchange, _ latency: TimeAmount) -> Logger.Metadata {
        let head = exchange.http.head
        var metadata: Logger.Metadata = [
            "verb": "\(exchange.info?.verb ?? head.method.rawValue)",
            "path": "\(exchange.info?.path ?? String(head.target.prefix { $0 != "?" }))",
            "code": "\(exchange.code)",
            "latency": "\(Self.milliseconds(latency))ms",
            "userAgent": "\(head.headers.first(name: "user-agent") ?? "")",
            "auditID": "\(exchange.auditID)",
            "source": "\(Self.source(exchange.http.connection))",
        ]
        if let user = exchange.progress.user { metadata["user"] = "\(user.name)" }
        if let refusal = exchange.refusal { metadata["answer"] = "\(refusal.message)" }
        if let cause = exchange.broken ?? exchange.refusal?.cause { metadata["error"] = "\(cause)" }
        return metadata
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
