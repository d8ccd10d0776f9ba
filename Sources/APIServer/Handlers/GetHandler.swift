internal import APIMachinery

/// `GET` of one object (conformance 8.1).
struct GetHandler: Sendable {
    let context: ResourceContext
    let getter: any Getter

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
