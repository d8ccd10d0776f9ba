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
    mutating func head(_ answer: APIResponse) -> HTTPTransport.HTTPResponseHead {
        guard let shared = answer.shared else { return head(answer.status, answer.headers) }
        return head(answer.status, shared.fields, [:])
    }

    /// The head to send for an answer of these headers; notes its code.
    mutating func head(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) -> HTTPTransport.HTTPResponseHead {
        head(status, nil, AnswerFields.complete(headers))
    }

    private mutating func head(
        _ status: HTTPResponseStatus, _ shared: ResponseFields?, _ headers: HTTPHeaders
    ) -> HTTPTransport.HTTPResponseHead {
        code = status.code
        var headers = headers
        if closesConnection { headers.add(name: "connection", value: "close") }
        if let context {
            for value in context.warningValues { headers.add(name: "warning", value: value) }
        }
        return HTTPTransport.HTTPResponseHead(
            status: status, shared: shared, headers: headers, unique: (AuditIDs.headerName, auditID))
    }
}
