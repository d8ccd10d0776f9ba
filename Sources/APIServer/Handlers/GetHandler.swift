internal import APIMachinery

/// `GET` of one object (conformance 8.1).
struct GetHandler: Sendable {
    let context: ResourceContext
    let getter: any Getter

    /// The answer, if the storage has the object in memory and is as new as the client wants.
    func respondAtOnce(to request: AuthorizedRequest, key: ObjectKey) throws -> APIResponse? {
        let output = try ObjectOutput(request, context: context)
        let options = try GetOptions(query: request.query)
        if let version = options.resourceVersion, getter.currentVersion < version { return nil }
        guard let object = try getter.getAtOnce(key, options, request) else { return nil }
        return try output.response(object)
    }

    func respond(to request: AuthorizedRequest, key: ObjectKey) async throws -> APIResponse {
        let output = try ObjectOutput(request, context: context)
        let options = try GetOptions(query: request.query)
        if let version = options.resourceVersion {
            try await context.freshness.wait(for: version, of: getter)
        }
        let object = try await getter.get(key, options, request)
        return try output.response(object)
    }
}
