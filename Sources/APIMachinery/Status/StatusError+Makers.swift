// One maker for every row of the error catalogue (conformance 10.2). Texts are Kubernetes' own, word for word.

extension StatusError {
    /// 400: the request can't be understood.
    public static func badRequest(_ message: String) -> StatusError {
        StatusError(400, .badRequest, message)
    }

    /// 401: nobody knows who this is.
    public static func unauthorized() -> StatusError {
        StatusError(401, .unauthorized, "Unauthorized")
    }

    /// 403: `profiles.profefe.io "p1" is forbidden: <why>`; without a name the collection; without a resource `forbidden: <why>`.
    public static func forbidden(
        _ resource: GroupResource?, name: String = "", _ why: String, causes: [StatusCause] = []
    ) -> StatusError {
        guard let resource else { return StatusError(403, .forbidden, "forbidden: \(why)", StatusDetails()) }
        let subject = name.isEmpty ? "\(resource)" : "\(resource) \(name.quoted)"
        return StatusError(
            403, .forbidden, "\(subject) is forbidden: \(why)", details(resource, name: name, causes: causes))
    }

    /// 404: no object of this name.
    public static func notFound(_ resource: GroupResource, name: String) -> StatusError {
        StatusError(404, .notFound, "\(resource) \(name.quoted) not found", details(resource, name: name))
    }

    /// 404: no such path. Never for a store that isn't ready: the garbage collector takes a 404 as proof of absence.
    public static func resourceNotFound() -> StatusError {
        StatusError(404, .notFound, "the server could not find the requested resource", StatusDetails())
    }

    /// 405: the path knows other methods only.
    public static func methodNotAllowed(
        _ resource: GroupResource? = nil, because reason: String? = nil
    ) -> StatusError {
        let text = "the server does not allow this method on the requested resource"
        return StatusError(
            405, .methodNotAllowed, reason.map { "\(text): \($0)" } ?? text,
            resource.map { details($0) } ?? StatusDetails())
    }

    /// 405: `create is not supported on resources of kind "profileservices.profefe.io"`.
    public static func verbNotSupported(_ verb: String, on resource: GroupResource) -> StatusError {
        StatusError(
            405, .methodNotAllowed, "\(verb) is not supported on resources of kind \(resource.description.quoted)",
            details(resource))
    }

    /// 406: none of the media types the client accepts can be made. To be thrown before anything is done.
    public static func notAcceptable(_ accepted: [String]) -> StatusError {
        StatusError(
            406, .notAcceptable,
            "only the following media types are accepted: \(accepted.joined(separator: ", "))")
    }

    /// 406 with a text of its own.
    public static func notAcceptable(message: String) -> StatusError {
        StatusError(406, .notAcceptable, message)
    }

    /// 409: the name is taken.
    public static func alreadyExists(_ resource: GroupResource, name: String) -> StatusError {
        StatusError(409, .alreadyExists, "\(resource) \(name.quoted) already exists", details(resource, name: name))
    }

    /// 409: the name is taken by an object that is going away.
    public static func beingDeleted(_ resource: GroupResource, name: String) -> StatusError {
        StatusError(
            409, .alreadyExists, "object is being deleted: \(resource) \(name.quoted) already exists",
            details(resource, name: name))
    }

    /// 409: no free name was found for a `generateName`; worth trying again.
    public static func generateNameConflict(
        _ resource: GroupResource, name: String, retryAfter seconds: Int = 1
    ) -> StatusError {
        StatusError(
            409, .alreadyExists,
            "\(resource) \(name.quoted) already exists, the server was not able to generate a unique name for the object",
            details(resource, name: name, retryAfter: seconds))
    }

    /// 409: `Operation cannot be fulfilled on profiles.profefe.io "p1": <why>`.
    public static func conflict(_ resource: GroupResource, name: String, _ why: String) -> StatusError {
        StatusError(
            409, .conflict, "Operation cannot be fulfilled on \(resource) \(name.quoted): \(why)",
            details(resource, name: name))
    }

    /// 409: the resourceVersion of an update is no longer the object's.
    public static func modified(_ resource: GroupResource, name: String) -> StatusError {
        conflict(
            resource, name: name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    /// 409: a deletion's `preconditions.uid` isn't the object's.
    public static func uidPrecondition(
        _ resource: GroupResource, name: String, expected: String, found: String
    ) -> StatusError {
        conflict(
            resource, name: name,
            "the UID in the precondition (\(expected)) does not match the UID in record (\(found)). "
                + "The object might have been deleted and then recreated")
    }

    /// 409: a deletion's `preconditions.resourceVersion` isn't the object's.
    public static func resourceVersionPrecondition(
        _ resource: GroupResource, name: String, expected: String, found: ResourceVersion
    ) -> StatusError {
        conflict(
            resource, name: name,
            "the ResourceVersion in the precondition (\(expected)) does not match the ResourceVersion in record "
                + "(\(found)). The object might have been modified")
    }

    /// 409: fields are owned by other managers (server-side apply); the causes name them.
    public static func applyConflict(_ message: String, causes: [StatusCause]) -> StatusError {
        StatusError(409, .conflict, message, StatusDetails(causes: causes))
    }

    /// 410: a version is no longer kept. `continueToken` lets a paged list go on, inconsistently.
    public static func expired(_ message: String, continueToken: String = "") -> StatusError {
        StatusError(410, .expired, message, continueToken: continueToken)
    }

    /// 410 of a list at a version that is no longer kept.
    public static func listExpired(continueToken: String = "") -> StatusError {
        expired("The resourceVersion for the provided list is too old.", continueToken: continueToken)
    }

    /// 410 of a watch that starts before the kept history, which begins after `oldest`.
    public static func watchExpired(_ requested: ResourceVersion, oldest: ResourceVersion) -> StatusError {
        expired("too old resource version: \(requested) (\(oldest))")
    }

    /// 413: the body has more than `limit` bytes.
    public static func requestEntityTooLarge(limit: Int) -> StatusError {
        requestEntityTooLarge("limit is \(limit)")
    }

    /// 413 with a text of its own after `Request entity too large: `.
    public static func requestEntityTooLarge(_ why: String) -> StatusError {
        StatusError(413, .requestEntityTooLarge, "Request entity too large: \(why)")
    }

    /// 415: the body is of a media type that isn't read here.
    public static func unsupportedMediaType(_ accepted: [String]) -> StatusError {
        StatusError(
            415, .unsupportedMediaType,
            "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    /// 422: the object breaks its rules; all faults at once.
    public static func invalid(_ kind: GroupKind, name: String, _ errors: FieldErrorList) -> StatusError {
        let subject = "\(kind) \(name.quoted) is invalid"
        let causes = errors.map { StatusCause(reason: $0.kind.rawValue, message: $0.body, field: $0.path.description) }
        return StatusError(
            422, .invalid, errors.isEmpty ? subject : "\(subject): \(errors.message)",
            StatusDetails(name: name, group: kind.group, kind: kind.kind, causes: causes))
    }

    /// 422 without fields: a patch that can't be carried out (a failed `test`, a missing path).
    public static func unprocessable() -> StatusError {
        StatusError(
            422, .invalid, "the server rejected our request due to an error in our request", StatusDetails())
    }

    /// 429: too much at once.
    public static func tooManyRequests(
        _ message: String = "Too many requests, please try again later.", retryAfter seconds: Int = 1
    ) -> StatusError {
        StatusError(429, .tooManyRequests, message, StatusDetails(retryAfterSeconds: seconds))
    }

    /// 500: a fault of ours. The text is sent: say nothing secret.
    public static func internalError(_ message: String) -> StatusError {
        StatusError(
            500, .internalError, "Internal error occurred: \(message)",
            StatusDetails(causes: [StatusCause(message: message)]))
    }

    /// 500: it can't be done now; trying again helps. `operation` is the HTTP method.
    public static func serverTimeout(
        _ resource: GroupResource, operation: String, retryAfter seconds: Int
    ) -> StatusError {
        StatusError(
            500, .serverTimeout,
            "The \(operation) operation against \(resource) could not be completed at this time, please try again.",
            details(resource, name: operation, retryAfter: seconds))
    }

    /// 503: not ready, or the store is down.
    public static func serviceUnavailable(_ message: String, retryAfter seconds: Int = 1) -> StatusError {
        StatusError(503, .serviceUnavailable, message, StatusDetails(retryAfterSeconds: seconds))
    }

    /// 504: a deadline has passed. `Timeout: ` is put before the text.
    public static func timeout(_ message: String, retryAfter seconds: Int = 0) -> StatusError {
        StatusError(504, .timeout, "Timeout: \(message)", StatusDetails(retryAfterSeconds: seconds))
    }

    /// 504: the version asked for hasn't been reached yet.
    public static func tooLargeResourceVersion(_ requested: ResourceVersion, current: ResourceVersion) -> StatusError {
        StatusError(
            504, .timeout, "Timeout: Too large resource version: \(requested), current: \(current)",
            StatusDetails(
                causes: [StatusCause(reason: "ResourceVersionTooLarge", message: "Too large resource version")],
                retryAfterSeconds: 1))
    }

    private static func details(
        _ resource: GroupResource, name: String = "", causes: [StatusCause] = [], retryAfter seconds: Int = 0
    ) -> StatusDetails {
        StatusDetails(
            name: name, group: resource.group, kind: resource.resource, causes: causes, retryAfterSeconds: seconds)
    }
}
