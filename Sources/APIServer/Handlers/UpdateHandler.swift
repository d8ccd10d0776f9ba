internal import APIMachinery
internal import HTTPTransport

/// `PUT` of one object (conformance 8.5).
struct UpdateHandler: Sendable {
    let context: ResourceContext
    let updater: any Updater

    func respond(to request: AuthorizedRequest, key: ObjectKey) async throws -> APIResponse {
        let output = try ObjectOutput(request, context: context)
        let options = try UpdateOptions(query: request.query)
        let reader = try RequestBodyReader(request)
        let bytes = try await reader.bytes(limit: updater.updateBodyLimit)
        let change = try await offEventLoop { try demand(bytes, reader, options, request, key) }
        return try output.response(try await updater.update(key, change, dryRun: options.dryRun, request))
    }

    /// What the body asks for. Not for an event loop: bodies have up to megabytes.
    private func demand(
        _ bytes: [UInt8], _ reader: RequestBodyReader, _ options: UpdateOptions, _ request: AuthorizedRequest,
        _ key: ObjectKey
    ) throws -> ObjectUpdate {
        let rules = UpdateRules(
            context, updater, options.fieldValidation, request, fieldManager: options.fieldManager)
        let decoder = ObjectDecoder(context: context, schema: rules.schema)
        let (value, faults) = try decoder.decode(bytes, reader, options.fieldValidation, request.warnings)
        let name = value["metadata"]?["name"]?.stringValue ?? ""
        guard name == key.name else { throw StatusError.otherName(name, key) }
        let object = try rules.object(value, faults, key)
        return ObjectUpdate(.replacement(object), bytes: bytes.count, key: key, rules: rules)
    }
}
