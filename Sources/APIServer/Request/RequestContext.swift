internal import APIMachinery
public import HTTPTransport
internal import NIOCore

/// What all stages of one request share; made once, after its path is read.
///
/// A class, so that a stage passes on one reference instead of some twenty strings.
final class RequestContext: Sendable {
    let info: RequestInfo
    let query: QueryItems
    let auditID: String
    let deadline: NIODeadline
    let warnings = WarningCollector()
    let progress: RequestProgress

    init(
        info: RequestInfo, query: QueryItems, auditID: String, deadline: NIODeadline,
        progress: RequestProgress = RequestProgress()
    ) {
        self.progress = progress
        self.info = info
        self.query = query
        self.auditID = auditID
        self.deadline = deadline
    }
}

/// A request nobody has vouched for yet, with its credentials: what an ``Authenticator`` sees.
public struct UnauthenticatedRequest: Sendable {
    /// The request as it came.
    public let http: HTTPRequest
    let context: RequestContext

    init(http: HTTPRequest, context: RequestContext) {
        self.http = http
        self.context = context
    }

    /// What it is about.
    public var info: RequestInfo { context.info }
}
