/// The outcome of a request that has no object to answer with: `Status` of `v1`.
public struct Status: Sendable, Hashable {
    /// `Success` or `Failure`.
    public enum Outcome: String, Sendable, Hashable {
        case success = "Success"
        case failure = "Failure"
    }

    /// Whether it went well.
    public var outcome: Outcome
    /// What to tell the user; empty on success.
    public var message: String
    /// Why, for programs; empty on success.
    public var reason: StatusReason
    /// What it is about.
    public var details: StatusDetails?
    /// The HTTP status; 0 (left out) in the `Status` of a successful deletion.
    public var code: Int
    /// `metadata.continue`: the token of an expired list that goes on inconsistently (410 only).
    public var continueToken: String

    /// A status of its parts.
    public init(
        outcome: Outcome = .failure, message: String = "", reason: StatusReason = "", details: StatusDetails? = nil,
        code: Int = 0, continueToken: String = ""
    ) {
        self.outcome = outcome
        self.message = message
        self.reason = reason
        self.details = details
        self.code = code
        self.continueToken = continueToken
    }

    /// The answer to a deletion that removed the object; clients compare the uid.
    public static func deleted(_ resource: GroupResource, name: String, uid: String) -> Status {
        Status(
            outcome: .success,
            details: StatusDetails(name: name, group: resource.group, kind: resource.resource, uid: uid))
    }
}

/// The reason of a `Status`: one of Kubernetes' words.
public struct StatusReason: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The word.
    public let description: String

    /// A reason of its word.
    public init(stringLiteral value: String) { description = value }

    /// 400.
    public static let badRequest: StatusReason = "BadRequest"
    /// 401.
    public static let unauthorized: StatusReason = "Unauthorized"
    /// 403.
    public static let forbidden: StatusReason = "Forbidden"
    /// 404.
    public static let notFound: StatusReason = "NotFound"
    /// 405.
    public static let methodNotAllowed: StatusReason = "MethodNotAllowed"
    /// 406.
    public static let notAcceptable: StatusReason = "NotAcceptable"
    /// 409, a name is taken.
    public static let alreadyExists: StatusReason = "AlreadyExists"
    /// 409, somebody else wrote first.
    public static let conflict: StatusReason = "Conflict"
    /// 410, a version is no longer kept.
    public static let expired: StatusReason = "Expired"
    /// 413.
    public static let requestEntityTooLarge: StatusReason = "RequestEntityTooLarge"
    /// 415.
    public static let unsupportedMediaType: StatusReason = "UnsupportedMediaType"
    /// 422.
    public static let invalid: StatusReason = "Invalid"
    /// 429.
    public static let tooManyRequests: StatusReason = "TooManyRequests"
    /// 500, a fault of ours.
    public static let internalError: StatusReason = "InternalError"
    /// 500, trying again helps.
    public static let serverTimeout: StatusReason = "ServerTimeout"
    /// 503.
    public static let serviceUnavailable: StatusReason = "ServiceUnavailable"
    /// 504.
    public static let timeout: StatusReason = "Timeout"
}

/// What a `Status` is about.
///
/// `kind` holds the *resource* (plural) for NotFound, AlreadyExists, Conflict and Forbidden, the *kind* for Invalid.
public struct StatusDetails: Sendable, Hashable {
    /// The object's name.
    public var name: String
    /// The group.
    public var group: String
    /// The resource or the kind, see above.
    public var kind: String
    /// The object's uid.
    public var uid: String
    /// The single faults.
    public var causes: [StatusCause]
    /// After how many seconds to try again; 0 says nothing. Sent as `Retry-After` too.
    public var retryAfterSeconds: Int

    /// Details of their parts.
    public init(
        name: String = "", group: String = "", kind: String = "", uid: String = "", causes: [StatusCause] = [],
        retryAfterSeconds: Int = 0
    ) {
        self.name = name
        self.group = group
        self.kind = kind
        self.uid = uid
        self.causes = causes
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// One fault among the details of a `Status`.
public struct StatusCause: Sendable, Hashable {
    /// The kind of fault, for programs: `FieldValueInvalid`, `ResourceVersionTooLarge`, `FieldManagerConflict`, …
    public var reason: String
    /// What to tell the user, without the field's path.
    public var message: String
    /// The field's path.
    public var field: String

    /// A cause of its parts.
    public init(reason: String = "", message: String, field: String = "") {
        self.reason = reason
        self.message = message
        self.field = field
    }
}
