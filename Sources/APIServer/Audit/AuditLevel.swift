/// How much of a request is recorded (audit.k8s.io/v1 `Level`), rising.
public enum AuditLevel: String, Sendable, CaseIterable, Comparable {
    /// Nothing.
    case none = "None"
    /// Who, what, when, from where, with what end.
    case metadata = "Metadata"
    /// The object sent, too; of resources only.
    case request = "Request"
    /// The object answered, too; of resources only.
    case requestResponse = "RequestResponse"

    private var rank: Int {
        switch self {
        case .none: 0
        case .metadata: 1
        case .request: 2
        case .requestResponse: 3
        }
    }

    /// By how much is recorded.
    public static func < (left: AuditLevel, right: AuditLevel) -> Bool { left.rank < right.rank }
}

/// When in the life of a request an event is written (audit.k8s.io/v1 `Stage`).
public enum AuditStage: String, Sendable, CaseIterable {
    /// Its sender is known; nothing is decided.
    case requestReceived = "RequestReceived"
    /// The head of an answer without an end (watch, log, proxy) was sent; of a request without valid credentials: it was refused.
    case responseStarted = "ResponseStarted"
    /// The answer is complete, or the client left.
    case responseComplete = "ResponseComplete"
    /// The server broke its answer off, by an error that nobody foresaw.
    case panic = "Panic"
}
