internal import APIMachinery
internal import HTTPTransport

/// `GET` of a collection with `watch` (conformance 8.3).
///
/// | resourceVersion | sendInitialEvents | told |
/// |---|---|---|
/// | none or 0 | not said | the present objects as ADDED, then changes |
/// | N | not said | changes behind N |
/// | any | true | objects of a state not older than N, a bookmark that says it is the end of those, then changes |
/// | none or 0 | false | changes from now on |
///
/// The head goes out at once, unless the storage can't serve at all: that is an HTTP error with its Retry-After. A history that
/// doesn't reach back to N is one ERROR event and the end.
struct WatchHandler: Sendable {
    let context: ResourceContext
    let watcher: any Watcher

    func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        let output = try WatchOutput(request, context: context)
        let options = try ListOptions(query: request.query)
        try context.check(options.fieldSelector)
        if options.sendInitialEvents == true, let version = options.resourceVersion {
            try await context.freshness.wait(for: version, of: watcher)
        }
        let stream = WatchStream(context: context, watcher: watcher, request: request, options: options)
        try await stream.checkServable()
        return output.response { writer in
            try await stream.run(output, writer)
        }
    }
}
