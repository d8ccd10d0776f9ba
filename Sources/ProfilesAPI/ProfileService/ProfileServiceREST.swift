internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// `profileservices`: a view of the profiles, one object for each service; get and list, and the parent of uploads and of analyses
/// over a time.
///
/// Nothing is kept: a list reads the profiles of its namespaces, a get those of the service. There is no watch yet.
struct ProfileServiceREST: Getter, Lister {
    let store: any ObjectStore
    let now: @Sendable () -> Timestamp
    let description = ResourceDescription(
        plural: ProfilesGroup.services, singular: "profileservice", kind: ProfilesGroup.serviceKind,
        shortNames: ["psvc"], categories: [ProfilesGroup.category])
    let columns: [TableColumn] = [
        .name,
        TableColumn(name: "Profiles", description: "How many profiles the service has."),
        TableColumn(name: "Types", description: "Of which types."),
        TableColumn(name: "Last-Profile", description: "How long ago the newest one was taken."),
        TableColumn(name: "Size", description: "Bytes of all of them, as received."),
        .age,
    ]
    let schema = ServiceSchema.schema

    var currentVersion: ResourceVersion { store.currentVersion }

    func get(_ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest) async throws -> EncodedObject {
        // A name made of a digest says nothing of the service: then all are looked at.
        let isPlain = !key.name.hasPrefix("x-")
        let fields = isPlain ? [FieldSelector.Requirement("spec.service", .equals, key.name)] : []
        let (found, _) = try await summaries(key.namespace, fields, snapshot: nil)
        guard let service = found.first(where: { $0.name == key.name }) else {
            throw StatusError.notFound(ProfilesGroup.resource(ProfilesGroup.services), name: key.name)
        }
        return service.encoded(now: now())
    }

    func page(_ query: ListQuery, _ request: AuthorizedRequest) async throws -> ListPage {
        let (all, snapshot) = try await summaries(query.scope.namespace, [], snapshot: query.snapshot)
        let matching = all.filter { service in
            if let after = query.after, (service.namespace, service.name) <= (after.namespace, after.name) {
                return false
            }
            guard query.labelSelector.isEmpty || query.labelSelector.matches(Labels()) else { return false }
            return query.fieldSelector.matches { field in
                field == "metadata.name" ? service.name : field == "metadata.namespace" ? service.namespace : nil
            }
        }
        let page = matching.prefix(query.limit)
        let more = page.count < matching.count
        return ListPage(
            items: page.map { $0.encoded(now: now()) }, snapshot: snapshot,
            next: more ? page.last.map { ObjectKey(namespace: $0.namespace, name: $0.name) } : nil)
    }

    /// The services by (namespace, name), and the state that they are of.
    private func summaries(
        _ namespace: String?, _ fields: [FieldSelector.Requirement], snapshot: ResourceVersion?
    ) async throws -> ([ServiceSummary], ResourceVersion) {
        var query = ObjectQuery(
            resource: ProfilesGroup.profiles, namespace: namespace, fieldSelector: FieldSelector(fields),
            snapshot: snapshot, limit: 1000)
        let failure = StoreFailure(ProfilesGroup.resource(ProfilesGroup.services))
        var services: [ObjectKey: ServiceSummary] = [:]
        while true {
            let page: ObjectPage
            do throws(StoreError) {
                page = try await store.page(query)
            } catch {
                throw failure.statusError(error, version: snapshot, current: currentVersion)
            }
            for profile in page.items {
                let fields = profile.fields
                let service = fields["spec.service"] ?? ""
                let key = ObjectKey(namespace: profile.key.namespace, name: service)
                services[key, default: ServiceSummary(namespace: key.namespace, service: service)].add(profile, fields)
            }
            query.snapshot = page.snapshot
            guard page.more, let last = page.items.last else {
                let sorted = services.values.sorted { left, right in
                    left.namespace != right.namespace
                        ? left.namespace.utf8.lexicographicallyPrecedes(right.namespace.utf8)
                        : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
                }
                return (sorted, page.snapshot)
            }
            query.after = last.key
        }
    }
}
