internal import APIMachinery
internal import HTTPTransport
internal import NIOCore

/// `GET` of a collection (conformance 8.2).
///
/// A list without limit is read page by page at the snapshot of the first page and written as it is read: memory holds two
/// pages and one chunk, whatever the list's length. Errors of the first page are a Status; errors of a later one abort the
/// stream, so that no client takes a part for the whole.
struct ListHandler: Sendable {
    let context: ResourceContext
    let lister: any Lister

    /// A limit above this gives a page of this many objects: a page is held in memory.
    private static let largestPage = 10_000

    func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        let output = try ListOutput(request, context: context)
        let options = try ListOptions(query: request.query)
        let query = try await self.query(options, output.parts, request)
        let page = try await firstPage(query, options, request)
        if options.limit == 0, page.next != nil {
            return output.response { writer in
                try await stream(page, query, request, output, writer)
            }
        }
        return try output.response(page.items, metadata: metadata(of: page, options))
    }

    /// The question for the first page: selectors checked, the state to read settled.
    private func query(
        _ options: ListOptions, _ parts: EncodedObject.Parts, _ request: AuthorizedRequest
    ) async throws -> ListQuery {
        try context.check(options.fieldSelector)
        var query = ListQuery(
            scope: context.scope(request), labelSelector: options.labelSelector, fieldSelector: options.fieldSelector,
            snapshot: nil, after: options.continueToken?.after,
            limit: options.limit > 0 ? min(options.limit, Self.largestPage) : context.configuration.pageSize,
            parts: parts)
        switch options.versionDemand {
        case .mostRecent, .any:
            break
        case .notOlderThan(let version):
            try await context.freshness.wait(for: version, of: lister)
        case .exactly(let version):
            try await context.freshness.wait(for: version, of: lister)
            query.snapshot = version
        }
        return query
    }

    /// The first page. Where a continued list's snapshot is gone, the 410 carries a token that goes on at the newest state,
    /// which clients may use who prefer an inconsistent list to a new start.
    private func firstPage(
        _ query: ListQuery, _ options: ListOptions, _ request: AuthorizedRequest
    ) async throws -> ListPage {
        do {
            return try await lister.page(query, request)
        } catch var error as StatusError where error.reason == .expired && options.continueToken != nil {
            if let after = options.continueToken?.after {
                error.status.continueToken = ContinueToken(snapshot: nil, after: after).encoded
            }
            throw error
        }
    }

    /// What the list says about itself. Only a client that set a limit is told how to go on.
    private func metadata(of page: ListPage, _ options: ListOptions) -> ListMetadata {
        var metadata = ListMetadata(resourceVersion: page.snapshot)
        guard options.limit > 0, let next = page.next else { return metadata }
        metadata.continueToken = ContinueToken(snapshot: page.snapshot, after: next)
        if options.labelSelector.isEmpty, options.fieldSelector.isEmpty {
            metadata.remainingItemCount = page.remaining
        }
        return metadata
    }

    /// Writes all pages. The next one is read while the one before is written.
    private func stream(
        _ first: ListPage, _ query: ListQuery, _ request: AuthorizedRequest, _ output: ListOutput,
        _ writer: borrowing ResponseBodyWriter
    ) async throws {
        let chunkBytes = context.configuration.chunkBytes
        var query = query
        var body = try ListBody(
            output, metadata: ListMetadata(resourceVersion: first.snapshot), capacity: chunkBytes + 64 * 1024)
        var page = first
        while let following = query.following(page) {
            async let upcoming = lister.page(following, request)
            try await write(page, &body, writer)
            page = try await upcoming
            query = following
        }
        try await write(page, &body, writer)
        try body.end()
        try await writer.write(body.take())
    }

    private func write(_ page: ListPage, _ body: inout ListBody, _ writer: borrowing ResponseBodyWriter) async throws {
        let chunkBytes = context.configuration.chunkBytes
        for object in page.items {
            try body.append(object)
            if body.count >= chunkBytes { try await writer.write(body.take()) }
        }
    }
}

extension ResourceContext {
    /// Refuses selectors on fields that this resource can't be selected by: 400.
    func check(_ selector: FieldSelector) throws(StatusError) {
        do {
            try selector.check(supported: selectableFields)
        } catch {
            throw error.statusError
        }
    }
}
