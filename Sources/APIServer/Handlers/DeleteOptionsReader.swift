internal import APIMachinery

/// Reads how something is to be deleted: from the body, or from the query where there is none (conformance 8.11).
struct DeleteOptionsReader: Sendable {
    let context: ResourceContext

    /// The options. The body is always read to its end: left unread, it would be a stream error to the client.
    func read(_ request: AuthorizedRequest) async throws -> DeleteOptions {
        let reader = try RequestBodyReader(request)
        let bytes = try await reader.bytes(limit: RequestBodyLimits.standard)
        guard !bytes.isEmpty else { return try DeleteOptions(query: request.query) }
        let document: JSONDocument
        do {
            document = try reader.decode(bytes)
        } catch {
            throw StatusError.badRequest(error.message)
        }
        return try DeleteOptions(
            query: request.query, body: document.value, groupVersion: context.groupVersion)
    }
}
