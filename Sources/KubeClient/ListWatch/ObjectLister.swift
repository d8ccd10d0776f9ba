import APIMachinery

/// Reads a whole collection, in pages where kube-apiserver gives them.
struct ObjectLister {
    /// All objects, and the version the watch begins after.
    struct List {
        var objects: [JSONValue]
        var version: String
    }

    /// Pages beyond which a list isn't believed to end.
    private static let pageLimit = 10_000

    let client: KubeClient
    let source: ListWatchSource

    /// Reads the collection.
    ///
    /// - Throws: as ``KubeClient/send(_:)``; `.badAnswer` for a list without `items` or version.
    func list(_ version: ListVersion) async throws(KubeClientError) -> List {
        do throws(KubeClientError) {
            return try await pages(version)
        } catch {
            // The pages of a long list may expire under way; one without pages can't.
            guard error.code == .expired else { throw error }
            return try await page(first(.latest, isPaged: false)).list
        }
    }

    private func pages(_ version: ListVersion) async throws(KubeClientError) -> List {
        var (list, token) = try await page(first(version, isPaged: true))
        var pages = 1
        while !token.isEmpty {
            guard pages < Self.pageLimit else { throw fault("has more than \(Self.pageLimit) pages") }
            let (more, next) = try await page([("limit", String(source.pageSize)), ("continue", token)])
            guard next != token else { throw fault("gives the same continue token again") }
            list.objects += more.objects
            list.version = more.version
            token = next
            pages += 1
        }
        return list
    }

    /// A list of a certain version comes from the cache only without a limit, and in pages it would be that very version.
    private func first(_ version: ListVersion, isPaged: Bool) -> [(name: String, value: String)] {
        let limit = isPaged ? [("limit", String(source.pageSize))] : []
        return switch version {
        case .any: limit + [("resourceVersion", "0")]
        case .notOlderThan(let version):
            [("resourceVersion", version), ("resourceVersionMatch", "NotOlderThan")]
        case .latest: limit
        }
    }

    private func page(_ query: [(name: String, value: String)]) async throws(KubeClientError) -> (
        list: List, token: String
    ) {
        let json = try await client.send(
            KubeRequest(
                path: source.path, query: source.selectors + query, purpose: .informer, deadline: .seconds(60),
                retries: .never))
        guard let metadata = json["metadata"], let version = metadata["resourceVersion"]?.stringValue, !version.isEmpty
        else { throw fault("has no metadata.resourceVersion") }
        // Go writes an empty list as null now and then.
        guard let items = json["items"], let objects = items.isNull ? [] : items.arrayValue else {
            throw fault("has no items")
        }
        return (List(objects: objects, version: version), metadata["continue"]?.stringValue ?? "")
    }

    private func fault(_ what: String) -> KubeClientError {
        KubeClientError(.badAnswer, "GET \(source.path): the list \(what)")
    }
}
