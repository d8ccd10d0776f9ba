internal import Synchronization

/// What is known of a request while it runs, for its log line, its metrics and the place it takes among those in flight.
///
/// Written by the task that works on it, read by the one that answers; the two run at the same time after a deadline.
final class RequestProgress: Sendable {
    private struct State {
        var user: UserInfo?
        var place: InFlightLimits.Kind?
        var audit: AuditRecord?
        var bodyBytes: Int?
    }
    private let state = Mutex(State())

    /// Who it is, once known.
    var user: UserInfo? { state.withLock { $0.user } }

    func authenticated(_ user: UserInfo) { state.withLock { $0.user = user } }

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
}
