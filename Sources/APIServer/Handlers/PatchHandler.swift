internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// `PATCH` of one object (conformance 8.6): JSON patch, merge patch, and server-side apply (``ApplyHandler``).
///
/// Any other Content-Type is 415, before the body is read. Clients rely on it: the garbage collector sends a strategic
/// merge patch first and goes on with a merge patch.
struct PatchHandler: Sendable {
    let context: ResourceContext
    let updater: any Updater

    func respond(to request: AuthorizedRequest, key: ObjectKey) async throws -> APIResponse {
        let encoding = try PatchEncoding(contentType: request.http.head.headers.first(name: "content-type"))
        if encoding == .apply {
            return try await ApplyHandler(context: context, updater: updater).respond(to: request, key: key)
        }
        let output = try ObjectOutput(request, context: context)
        let options = try PatchOptions(query: request.query, isApply: false)
        let bytes = try await RequestBodyReader.bytes(of: request, limit: updater.updateBodyLimit)
        let change = try await offEventLoop { try demand(bytes, encoding, options, request, key) }
        return try output.response(try await updater.update(key, change, dryRun: options.dryRun, request))
    }

    /// What the body asks for. Not for an event loop: bodies have up to megabytes.
    private func demand(
        _ bytes: [UInt8], _ encoding: PatchEncoding, _ options: PatchOptions, _ request: AuthorizedRequest,
        _ key: ObjectKey
    ) throws -> ObjectUpdate {
        let rules = UpdateRules(
            context, updater, options.fieldValidation, request, fieldManager: options.fieldManager)
        return ObjectUpdate(
            .patch(try ObjectPatch(bytes, encoding)), bytes: bytes.count, key: key, rules: rules)
    }
}
