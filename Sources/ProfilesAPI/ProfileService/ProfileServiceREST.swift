internal import APIMachinery
internal import APIServer
internal import ProfileStore

/// `profileservices`: a view of the profiles, one object for each service: get, list and watch, and the parent of uploads and of
/// analyses over a time.
///
/// Versions are those of the store: a service's is that of the last change of its profiles, a list's that of the last change of any.
struct ProfileServiceREST: Getter, Watcher {
    let store: any ObjectStore
    let index: ServiceIndex
    let now: @Sendable () -> Timestamp
    /// How new the mirror is of whose profiles these are made; nil for profiles of the store's own.
    var freshness: MirrorFreshness?
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
    private static let resource = ProfilesGroup.resource(ProfilesGroup.services)

    /// Before the index is made, the store's: it will not be older.
    var currentVersion: ResourceVersion { index.version ?? store.currentVersion }

    func get(_ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest) async throws -> EncodedObject {
        warn(request)
        let service = try await StoreFailure(Self.resource, name: key.name).during { () throws(StoreError) in
            let found = try await index.read { $0.service(key) }
            if found == nil, let doubt = freshness?.doubt("is a service \(key.name)") { throw doubt }
            return found
        }
        guard let service else { throw StatusError.notFound(Self.resource, name: key.name) }
        return service.encoded(now: now())
    }

    func page(_ query: ListQuery, _ request: AuthorizedRequest) async throws -> ListPage {
        warn(request)
        let failure = StoreFailure(Self.resource)
        let (newest, known) = try await failure.during { () throws(StoreError) in
            try await index.read { book in (book.version, book.services(at: query.snapshot ?? book.version)) }
        }
        let snapshot = query.snapshot ?? newest
        guard let services = known else {
            let code: StoreError.Code = snapshot > newest ? .futureVersion : .snapshotExpired
            throw failure.statusError(
                StoreError(code, "the services at \(snapshot) are not known"), version: snapshot, current: newest)
        }
        let start = query.after.map { after in services.partitionPoint { $0.key <= after } } ?? 0
        let matching = services[start...].lazy.filter {
            $0.matches(query.scope, query.labelSelector, query.fieldSelector)
        }
        var page = Array(matching.prefix(query.limit < .max ? query.limit + 1 : .max))
        let more = page.count > query.limit
        if more { page.removeLast() }
        let time = now()
        return ListPage(
            items: page.map { $0.encoded(now: time) }, snapshot: snapshot, next: more ? page.last?.key : nil)
    }

    func watch(_ query: WatchQuery, _ request: AuthorizedRequest) async throws -> any WatchSource {
        warn(request)
        do throws(StoreError) {
            return ServiceWatchSource(changes: try await index.changes(after: query.after), query: query, now: now)
        } catch {
            throw StoreFailure(Self.resource).watchError(error, after: query.after)
        }
    }

    private func warn(_ request: AuthorizedRequest) {
        if let caution = freshness?.caution { request.warnings.add(caution) }
    }
}
