internal import APIMachinery

/// `DELETE` of a collection (conformance 8.12): deletes what a list would show, and answers with the list of what it deleted.
///
/// Objects that go away meanwhile are passed over; any other error ends it with that error. Preconditions hold for each.
struct DeleteCollectionHandler: Sendable {
    let context: ResourceContext
    let storage: any Deleter & Lister

    func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        let output = try ListOutput(request, context: context)
        var listOptions = try ListOptions(query: request.query)
        try context.check(listOptions.fieldSelector)
        let deleteOptions = try await DeleteOptionsReader(context: context).read(request)
        if listOptions.limit == 0 { listOptions.limit = .max }
        var query = ListQuery(
            scope: context.scope(request), labelSelector: listOptions.labelSelector,
            fieldSelector: listOptions.fieldSelector, snapshot: listOptions.continueToken?.snapshot,
            after: listOptions.continueToken?.after, limit: min(listOptions.limit, context.configuration.pageSize))
        var deleted: [EncodedObject] = []
        var page = try await storage.page(query, request)
        while true {
            for object in page.items {
                guard deleted.count < listOptions.limit else { break }
                if let gone = try await delete(object, deleteOptions, request) { deleted.append(gone) }
            }
            guard let following = query.following(page), deleted.count < listOptions.limit else { break }
            query = following
            page = try await storage.page(query, request)
        }
        return try output.response(deleted, metadata: ListMetadata(resourceVersion: storage.currentVersion))
    }

    private func delete(
        _ object: EncodedObject, _ options: DeleteOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject? {
        guard let key = object.key else { return nil }
        do {
            return try await storage.delete(key, options, request).object
        } catch let error as StatusError where error.reason == .notFound {
            return nil
        }
    }
}
