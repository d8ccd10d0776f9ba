internal import APIMachinery
internal import NIOCore

/// When a request must be answered (conformance 8.0 and 14).
///
/// | request | time from receipt |
/// |---|---|
/// | long-running | no end |
/// | changes something | the smaller of `requestTimeout`, `mutatingRequestTimeout` and `timeout=` |
/// | other | the smaller of `requestTimeout` and `timeout=` |
///
/// `timeout=` is a Go duration; missing, empty, zero and negative say nothing; a malformed one is a 400.
struct DeadlinePolicy: Sendable {
    let requestTimeout: Duration
    let mutatingTimeout: Duration

    /// The deadline of a request received at `start`.
    func deadline(of info: RequestInfo, query: QueryItems, from start: NIODeadline) throws(StatusError) -> NIODeadline {
        if info.isLongRunning { return .distantFuture }
        var time = requestTimeout
        if info.isMutating { time = min(time, mutatingTimeout) }
        if let text = query["timeout"], !text.isEmpty {
            guard let asked = Duration(goDuration: text) else {
                throw .badRequest(
                    "invalid timeout specified in the request URL - time: invalid duration \(text.quoted)")
            }
            if asked > .zero { time = min(time, asked) }
        }
        return start + TimeAmount(time)
    }
}
