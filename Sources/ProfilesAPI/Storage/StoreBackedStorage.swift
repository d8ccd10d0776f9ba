public import APIMachinery
public import APIServer
public import ProfileStore

/// A resource whose objects live in an object store: get, list, watch and delete come with this protocol.
///
/// A storage says its names and columns, adds `Creator`, and is done. Any of the methods can be written anew where the
/// resource needs more. What the store throws becomes a `StatusError` (``StoreFailure``).
public protocol StoreBackedStorage: Getter, Watcher, Deleter {
    /// Where the objects live; the resource's plural name is their `resource` there.
    var store: any ObjectStore { get }
    /// Group and plural name, as error messages say them. Stored, not computed: every read asks for it.
    var groupResource: GroupResource { get }
    /// The time of day, for deletionTimestamps.
    var now: @Sendable () -> Timestamp { get }
    /// Whether a garbage collector watches these objects: then deletions honour Foreground and Orphan. False unless said.
    var hasGarbageCollector: Bool { get }
    /// What every reader is warned of; nil, as it is unless said, where there is nothing.
    var caution: String? { get }
}

extension StoreBackedStorage {
    /// Every policy counts as Background.
    public var hasGarbageCollector: Bool { false }

    /// Nothing.
    public var caution: String? { nil }

    /// The store's last commit.
    public var currentVersion: ResourceVersion { store.currentVersion }

    /// The object if the store has it in memory.
    public func getAtOnce(
        _ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest
    ) throws -> EncodedObject? {
        guard let object = store.cached(groupResource.resource, key)?.object else { return nil }
        warn(request)
        return object
    }

    /// The object.
    public func get(
        _ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        warn(request)
        do {
            guard let stored = try await store.get(groupResource.resource, key) else {
                throw StatusError.notFound(groupResource, name: key.name)
            }
            return stored.object
        } catch let error as StoreError {
            throw StoreFailure(groupResource, name: key.name).statusError(error)
        }
    }

    /// One page of one snapshot.
    public func page(_ query: ListQuery, _ request: AuthorizedRequest) async throws -> ListPage {
        warn(request)
        let question = ObjectQuery(
            resource: groupResource.resource, namespace: query.scope.namespace, labelSelector: query.labelSelector,
            fieldSelector: query.fieldSelector, after: query.after, snapshot: query.snapshot, limit: query.limit,
            remainingBefore: query.remainingBefore, parts: query.parts)
        do {
            let page = try await store.page(question)
            return ListPage(
                items: page.items.map(\.object), snapshot: page.snapshot,
                next: page.more ? page.items.last?.key : nil, remaining: page.remaining)
        } catch {
            throw StoreFailure(groupResource).statusError(error, version: query.snapshot, current: currentVersion)
        }
    }

    /// The changes behind a version, through the query's selectors.
    public func watch(_ query: WatchQuery, _ request: AuthorizedRequest) async throws -> any WatchSource {
        warn(request)
        do {
            let scope = WatchScope(namespace: query.scope.namespace, pace: .gathered)
            let subscription = try store.watch(groupResource.resource, scope, after: query.after)
            return StoreWatchSource(subscription: subscription, query: query, failure: StoreFailure(groupResource))
        } catch {
            throw StoreFailure(groupResource).watchError(error, after: query.after)
        }
    }

    /// Removes the object, or marks it where it has finalizers; repeated on a marked one it changes nothing.
    ///
    /// Dependents are the garbage collector's matter, and where there is one, the policy is left to it by a finalizer.
    public func delete(
        _ key: ObjectKey, _ options: DeleteOptions, _ request: AuthorizedRequest
    ) async throws -> DeleteResult {
        let deletion = Deletion(options: options, now: now(), hasGarbageCollector: hasGarbageCollector)
        do {
            guard let outcome = try await deletion.perform(on: store, groupResource.resource, key) else {
                throw StatusError.notFound(groupResource, name: key.name)
            }
            return outcome
        } catch let error as StoreError {
            throw StoreFailure(groupResource, name: key.name).statusError(error)
        }
    }

    private func warn(_ request: AuthorizedRequest) {
        if let caution { request.warnings.add(caution) }
    }
}
