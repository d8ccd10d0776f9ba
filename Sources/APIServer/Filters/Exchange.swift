internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// What the chain notes of one request on its way in and out.
struct Exchange {
    let http: HTTPRequest
    let auditID: String
    /// Nil while the target isn't understood.
    var context: RequestContext?
    /// The status sent; 0 before.
    var code: UInt = 0
    /// What was answered instead of the endpoint's answer.
    var refusal: StatusError?
    /// The connection ends with this answer: a GOAWAY in two phases, or `Connection: close`.
    var closesConnection = false
    /// Whether ``ShutdownGate`` counts it.
    var isCounted = false
    /// Why an answer broke off after its head.
    var broken: (any Error)?

    /// What it is about; nil while that isn't understood.
    var info: RequestInfo? { context?.info }
    /// Where it is counted.
    var series: RequestMetrics.Series? { context?.target.series }

    init(http: HTTPRequest, auditID: String) {
        self.http = http
        self.auditID = auditID
    }

    /// The head to send for an answer; notes its code.
    mutating func head(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) -> HTTPTransport.HTTPResponseHead {
        code = status.code
        var headers = headers
        headers.reserveCapacity(headers.count + 2)
        headers.add(name: AuditIDs.headerName, value: auditID)
        if !headers.contains(name: "cache-control") {
            headers.add(name: "cache-control", value: "no-cache, private")
        }
        if closesConnection { headers.add(name: "connection", value: "close") }
        if let context {
            for value in context.warningValues { headers.add(name: "warning", value: value) }
        }
        return HTTPTransport.HTTPResponseHead(status: status, headers: headers)
    }
}
