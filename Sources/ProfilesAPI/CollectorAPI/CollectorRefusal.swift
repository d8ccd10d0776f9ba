internal import APIMachinery
internal import ProfileStore

/// Refusals in profefe's words.
enum CollectorRefusal {
    /// 404, also for a search that finds nothing.
    static let nothingFound = status(404, .notFound, "nothing found")

    static func badRequest(_ message: String) -> StatusError { .badRequest("bad request: \(message)") }

    static func methodNotAllowed(_ method: String) -> StatusError {
        status(405, .methodNotAllowed, "the method \(method) does nothing here")
    }

    /// 405, as profefe has it, for types whose profiles can't be merged.
    static func cannotMerge(_ type: String) -> StatusError {
        status(405, .methodNotAllowed, "can't merge profiles of \(type) type")
    }

    static func malformed(_ why: String) -> StatusError {
        .badRequest("malformed profile (could not parse pprof profile: \(why))")
    }

    /// 404 for one id of several: the merge of the others would be something else than was asked for.
    static func noProfile(_ id: String) -> StatusError {
        status(404, .notFound, "nothing found: there is no profile \(String(id.prefix(512)).quoted)")
    }

    private static func status(_ code: Int, _ reason: StatusReason, _ message: String) -> StatusError {
        StatusError(Status(message: message, reason: reason, code: code))
    }
}
