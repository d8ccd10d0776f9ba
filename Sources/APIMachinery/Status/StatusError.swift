/// A refusal that says which `Status` to answer with. Equal when HTTP status and reason are equal.
public struct StatusError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the client is answered.
    public var status: Status
    /// What led to it: logged, never sent.
    public var cause: (any Error)?

    /// An error of its status.
    public init(_ status: Status, cause: (any Error)? = nil) {
        self.status = status
        self.cause = cause
    }

    /// The HTTP status.
    public var code: Int { status.code }
    /// The reason, for programs.
    public var reason: StatusReason { status.reason }
    /// The text for the user.
    public var message: String { status.message }
    /// The seconds of the `Retry-After` header, which must be sent whenever this isn't nil (conformance 10.1).
    public var retryAfterSeconds: Int? {
        guard let seconds = status.details?.retryAfterSeconds, seconds > 0 else { return nil }
        return seconds
    }

    /// Code, reason and message, for logs.
    public var description: String { "\(code) \(reason): \(message)" }

    /// Compares HTTP status and reason.
    public static func == (left: StatusError, right: StatusError) -> Bool {
        left.code == right.code && left.reason == right.reason
    }

    /// The same refusal with the error that led to it.
    public func caused(by error: any Error) -> StatusError {
        StatusError(status, cause: error)
    }

    init(
        _ code: Int, _ reason: StatusReason, _ message: String, _ details: StatusDetails? = nil,
        continueToken: String = ""
    ) {
        self.init(
            Status(message: message, reason: reason, details: details, code: code, continueToken: continueToken))
    }
}
