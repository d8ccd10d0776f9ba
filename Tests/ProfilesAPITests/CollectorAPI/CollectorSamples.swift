import TestSupport

@testable import ProfilesAPI

/// Requests as clients of profefe make them.
enum CollectorSamples {
    /// A search for all profiles of `frontend`.
    static func search(_ more: String = "") -> String {
        "/api/0/profiles?service=frontend&from=2000-01-01T00:00:00&to=2100-01-01T00:00:00\(more)"
    }

    /// Where a profile of `frontend` is sent.
    static func send(_ more: String = "&type=heap") -> String { "/api/0/profiles?service=frontend\(more)" }

    /// A trace, of which the client says when it was taken.
    static func trace(at time: String, _ more: String = "") -> String {
        send("&type=trace&created_at=\(time)\(more)")
    }
}
