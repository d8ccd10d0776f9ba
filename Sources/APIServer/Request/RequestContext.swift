internal import APIMachinery
public import HTTPTransport
internal import NIOCore
internal import Synchronization

/// What all stages of one request share; made once, after its path is read.
///
/// What is said once stands in constants. The rest becomes known while the request runs: it is written by the task that works on
/// it and read by the one that answers; the two run at the same time after a deadline.
final class RequestContext: Sendable {
    private struct State {
        var sender: Sender?
        /// What it is about since its sender is known, where that makes a difference.
        var settled: ReadTarget?
        /// The request as handlers see it, once one has looked.
        var handed: HTTPRequest?
        var place: InFlightLimits.Kind?
        var audit: AuditRecord?
        var bodyBytes: Int?
        var warnings: WarningCollector?
    }

    private let read: ReadTarget
    private let isSettled = Atomic(false)
    let auditID: String
    let deadline: NIODeadline
    private let state = Mutex(State())

    init(target: ReadTarget, auditID: String, deadline: NIODeadline) {
        read = target
        self.auditID = auditID
        self.deadline = deadline
    }

    convenience init(info: RequestInfo, query: QueryItems, auditID: String, deadline: NIODeadline) {
        self.init(target: ReadTarget(info: info, query: query), auditID: auditID, deadline: deadline)
    }

    var target: ReadTarget {
        isSettled.load(ordering: .acquiring) ? state.withLock { $0.settled } ?? read : read
    }
    var info: RequestInfo { target.info }
    var query: QueryItems { target.query }

    /// Says for good what the request is about; counted as before.
    func settle(_ info: RequestInfo) {
        let target = ReadTarget(info: info, query: read.query, series: read.series)
        state.withLock { $0.settled = $0.settled ?? target }
        isSettled.store(true, ordering: .releasing)
    }

    /// Who it is, once known.
    var user: UserInfo? { state.withLock { $0.sender }?.user }

    func authenticated(_ sender: Sender) { state.withLock { $0.sender = sender } }

    /// The request as handlers see it; `make` makes it once.
    func handed(_ make: () -> HTTPRequest) -> HTTPRequest {
        if let known = state.withLock({ $0.handed }) { return known }
        let made = make()
        state.withLock { $0.handed = made }
        return made
    }

    /// What is recorded of the request; nil if it isn't audited, or its sender isn't known yet.
    var audit: AuditRecord? { state.withLock { $0.audit } }

    func begins(_ audit: AuditRecord) { state.withLock { $0.audit = audit } }

    /// How long its body was; nil if it was not read.
    var bodyBytes: Int? { state.withLock { $0.bodyBytes } }

    /// The body was read.
    func read(_ bytes: Int) { state.withLock { $0.bodyBytes = bytes } }

    func took(_ place: InFlightLimits.Kind) { state.withLock { $0.place = place } }

    /// The place to give back; once.
    func takePlace() -> InFlightLimits.Kind? {
        state.withLock { state in
            defer { state.place = nil }
            return state.place
        }
    }

    /// Where warnings are put.
    var warnings: WarningCollector {
        state.withLock { state in
            if let warnings = state.warnings { return warnings }
            let warnings = WarningCollector()
            state.warnings = warnings
            return warnings
        }
    }

    /// The values of the answer's `Warning` headers.
    var warningValues: [String] { state.withLock { $0.warnings }?.headerValues ?? [] }
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
