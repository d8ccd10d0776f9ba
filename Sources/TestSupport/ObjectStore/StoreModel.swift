import APIMachinery
import ProfileStore

/// What a store should contain: all states of all objects, kept in the simplest way, read by brute force.
struct StoreModel {
    struct State {
        let object: SampleObject
        let version: ResourceVersion
        /// The version that ended it.
        var ended: ResourceVersion?
    }

    private(set) var states: [State] = []

    /// The objects that are there now.
    var present: [SampleObject] { states.filter { $0.ended == nil }.map(\.object) }

    /// The version of the last change of a resource, or in one of its namespaces.
    func lastChange(_ resource: String, _ namespace: String?) -> ResourceVersion? {
        states.filter {
            $0.object.resource == resource && (namespace == nil || $0.object.key.namespace == namespace)
        }.map { $0.ended ?? $0.version }.max()
    }

    /// The version of the last change that ended a state.
    var lastEnd: ResourceVersion? { states.compactMap(\.ended).max() }

    mutating func write(_ object: SampleObject, at version: ResourceVersion) {
        end(object.resource, object.key, at: version)
        states.append(State(object: object, version: version))
    }

    mutating func end(_ resource: String, _ key: ObjectKey, at version: ResourceVersion) {
        for index in states.indices where states[index].ended == nil {
            let object = states[index].object
            if object.resource == resource, object.key == key { states[index].ended = version }
        }
    }

    /// What a query without a limit should return at a version.
    func answer(_ query: ObjectQuery, at version: ResourceVersion) -> [StoredObject] {
        states.filter { state in
            let object = state.object
            guard state.version <= version, state.ended.map({ $0 > version }) ?? true else { return false }
            guard object.resource == query.resource else { return false }
            guard query.namespace.map({ $0 == object.key.namespace }) ?? true else { return false }
            guard query.after.map({ $0 < object.key }) ?? true else { return false }
            return query.labelSelector.matches(object.labels)
                && query.fieldSelector.matches { field in
                    switch field {
                    case "metadata.name": object.key.name
                    case "metadata.namespace": object.key.namespace
                    default: object.fields[field]
                    }
                }
        }
        .map { $0.object.stored(at: $0.version) }
        .sorted { $0.key < $1.key }
    }
}

extension ObjectStore {
    /// All objects of a query, read in pages of its limit, all of one snapshot.
    func all(_ query: ObjectQuery) async throws -> (items: [StoredObject], snapshot: ResourceVersion, pages: Int) {
        var query = query
        var items: [StoredObject] = []
        var pages = 0
        while true {
            let page = try await self.page(query)
            items += page.items
            pages += 1
            if let snapshot = query.snapshot { try expectEqual(page.snapshot, snapshot, "the list's version") }
            if query.limit > 0 { try expect(page.items.count <= query.limit, "a page is larger than its limit") }
            guard page.more else { return (items, page.snapshot, pages) }
            query.after = try require(page.items.last?.key, "the last item of a page that isn't the last")
            query.snapshot = page.snapshot
            query.remainingBefore = page.remaining
        }
    }
}
