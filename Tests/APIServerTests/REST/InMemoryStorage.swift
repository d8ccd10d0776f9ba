import APIMachinery
import Synchronization

@testable import APIServer

/// A full storage of made-up widgets: every version's state is kept until `forget`, every change goes to every watch.
final class InMemoryStorage: Getter, Creator, Deleter, Watcher {
    struct Widget: Sendable {
        var metadata: ObjectMeta
        var size: Int64
        var color: String

        var fields: [String: String] {
            [
                "metadata.name": metadata.name, "metadata.namespace": metadata.namespace, "spec.color": color,
            ]
        }

        func encoded(_ version: ResourceVersion?) -> EncodedObject {
            var metadata = metadata
            metadata.resourceVersion = version
            return EncodedObject(InMemoryStorage.kind, metadata: metadata) { cells in
                cells.string(metadata.name)
                cells.integer(size)
                cells.ageCell()
            } members: { writer in
                writer.object("spec") { writer in
                    writer.field("size", size)
                    writer.field("color", color)
                }
            }
        }
    }

    struct Change: Sendable {
        let version: ResourceVersion
        let before: Widget?
        let after: Widget?
        let key: ObjectKey
    }

    struct State {
        var version: UInt64 = 100
        var states: [UInt64: [ObjectKey: (widget: Widget, version: UInt64)]] = [100: [:]]
        var changes: [Change] = []
        var forgotten: UInt64 = 99
        var watches: [Int: AsyncStream<Change?>.Continuation] = [:]
        var nextWatch = 0
        var pages = 0
        var refusal: StatusError?

        var current: [ObjectKey: (widget: Widget, version: UInt64)] { states[version] ?? [:] }
    }

    static let kind = GroupVersionKind(group: "example.io", version: "v1", kind: "Widget")
    static let resource = GroupResource(group: "example.io", resource: "widgets")

    let description: ResourceDescription
    let columns = [
        TableColumn.name, TableColumn(name: "Size", type: "integer", description: "How big it is."), TableColumn.age,
    ]
    let schema = Schema.resource([
        Schema.Field(
            "spec",
            .object([
                Schema.Field("size", .integer(), "How big it is."),
                Schema.Field("color", .string, "Its color.", default: "red"),
            ]), "What it is.", required: true)
    ])
    let bodyLimit: Int
    let state = Mutex(State())

    init(
        description: ResourceDescription = ResourceDescription(
            plural: "widgets", singular: "widget", kind: "Widget", shortNames: ["wd"], categories: ["things"],
            selectableFields: ["spec.color"]),
        bodyLimit: Int = RequestBodyLimits.standard
    ) {
        self.description = description
        self.bodyLimit = bodyLimit
    }

    var currentVersion: ResourceVersion { ResourceVersion(state.withLock(\.version)) }
    /// How many pages were read.
    var pagesRead: Int { state.withLock(\.pages) }
    /// How many watches are open.
    var openWatches: Int { state.withLock(\.watches.count) }

    /// From now on every call is refused.
    func refuse(_ error: StatusError?) { state.withLock { $0.refusal = error } }

    /// Forgets all states and changes up to a version.
    func forget(upTo version: ResourceVersion) {
        state.withLock { state in
            state.forgotten = version.rawValue
            state.states = state.states.filter { $0.key > version.rawValue }
            state.changes.removeAll { $0.version <= version }
        }
    }

    private func checked<Result>(_ body: (inout sending State) throws -> sending Result) throws -> sending Result {
        try state.withLock { state in
            if let refusal = state.refusal { throw refusal }
            return try body(&state)
        }
    }

    // MARK: Verbs

    func get(_ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest) async throws -> EncodedObject {
        let found = try checked { $0.current[key] }
        guard let found else { throw StatusError.notFound(Self.resource, name: key.name) }
        return found.widget.encoded(ResourceVersion(found.version))
    }

    func page(_ query: ListQuery, _ request: AuthorizedRequest) async throws -> ListPage {
        let (snapshot, objects) = try checked { state in
            state.pages += 1
            let snapshot = query.snapshot?.rawValue ?? state.version
            guard let objects = state.states[snapshot] else { throw StatusError.listExpired() }
            return (snapshot, objects)
        }
        let matching = objects.filter { key, entry in
            Self.matches(entry.widget, query.scope, query.labelSelector, query.fieldSelector)
                && (query.after.map { key > $0 } ?? true)
        }.sorted { $0.key < $1.key }
        let page = matching.prefix(query.limit)
        let more = matching.count > page.count
        return ListPage(
            items: page.map { $0.value.widget.encoded(ResourceVersion($0.value.version)) },
            snapshot: ResourceVersion(snapshot), next: more ? page.last?.key : nil,
            remaining: matching.count - page.count)
    }

    func validate(_ object: DecodedObject, _ request: AuthorizedRequest) -> FieldErrorList {
        guard let size = object.value["spec"]?["size"]?.integerValue, size < 0 else { return [] }
        return [.invalid(FieldPath("spec.size"), .integer(size), "must not be negative")]
    }

    func create(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        let widget = Widget(
            metadata: object.metadata, size: object.value["spec"]?["size"]?.integerValue ?? 0,
            color: object.value["spec"]?["color"]?.stringValue ?? "")
        let taken = try checked { $0.current[widget.metadata.key] != nil }
        if taken { throw StatusError.alreadyExists(Self.resource, name: widget.metadata.name) }
        if options.dryRun { return widget.encoded(nil) }
        return put(widget)
    }

    func delete(
        _ key: ObjectKey, _ options: DeleteOptions, _ request: AuthorizedRequest
    ) async throws -> DeleteResult {
        guard let found = try checked({ $0.current[key] }) else {
            throw StatusError.notFound(Self.resource, name: key.name)
        }
        let widget = found.widget
        if let uid = options.preconditions.uid, uid != widget.metadata.uid {
            throw StatusError.uidPrecondition(
                Self.resource, name: key.name, expected: uid, found: widget.metadata.uid)
        }
        if !widget.metadata.finalizers.isEmpty { return .marked(widget.encoded(ResourceVersion(found.version))) }
        guard !options.dryRun, let gone = remove(key) else {
            return .deleted(uid: widget.metadata.uid, object: widget.encoded(ResourceVersion(found.version)))
        }
        return .deleted(uid: widget.metadata.uid, object: gone)
    }

    func watch(_ query: WatchQuery, _ request: AuthorizedRequest) async throws -> any WatchSource {
        let (stream, continuation) = AsyncStream.makeStream(of: Change?.self)
        let id = try checked { state in
            guard query.after.rawValue >= state.forgotten else {
                throw StatusError.watchExpired(query.after, oldest: ResourceVersion(state.forgotten))
            }
            for change in state.changes where change.version > query.after { continuation.yield(change) }
            state.nextWatch += 1
            state.watches[state.nextWatch] = continuation
            return state.nextWatch
        }
        return Source(stream: stream, query: query, continuation) { [weak self] in
            self?.state.withLock { $0.watches[id] = nil }
        }
    }

    // MARK: Writing without a request

    /// Stores a widget, new or not.
    @discardableResult
    func put(_ widget: Widget) -> EncodedObject {
        let version = write(widget.metadata.key, widget)
        return widget.encoded(version)
    }

    /// Stores a widget of a name.
    @discardableResult
    func put(_ name: String, namespace: String = "prod", size: Int64 = 1, color: String = "red", labels: Labels = [:])
        -> EncodedObject
    {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = "uid-\(name)"
        metadata.labels = labels
        metadata.creationTimestamp = Timestamp(rfc3339: "2026-01-01T00:00:00Z")
        return put(Widget(metadata: metadata, size: size, color: color))
    }

    /// Removes a widget; its last state under the version of the removal.
    @discardableResult
    func remove(_ key: ObjectKey) -> EncodedObject? {
        guard let widget = state.withLock({ $0.current[key] })?.widget else { return nil }
        return widget.encoded(write(key, nil))
    }

    func write(_ key: ObjectKey, _ widget: Widget?) -> ResourceVersion {
        state.withLock { state in
            var objects = state.current
            let before = objects[key]?.widget
            state.version += 1
            objects[key] = widget.map { ($0, state.version) }
            state.states[state.version] = objects
            let change = Change(version: ResourceVersion(state.version), before: before, after: widget, key: key)
            state.changes.append(change)
            for watch in state.watches.values { watch.yield(change) }
            return ResourceVersion(state.version)
        }
    }

    static func matches(
        _ widget: Widget, _ scope: ListScope, _ labels: LabelSelector, _ fields: FieldSelector
    ) -> Bool {
        if let namespace = scope.namespace, namespace != widget.metadata.namespace { return false }
        return labels.matches(widget.metadata.labels) && fields.matches { widget.fields[$0] }
    }

    /// Frees the watch of a source that is dropped unread, as a store's subscription does.
    final class Registration: Sendable {
        let onEnd: @Sendable () -> Void
        init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }
        deinit { onEnd() }
    }

    struct Source: WatchSource {
        /// Nil among the changes is an interruption.
        let stream: AsyncStream<Change?>
        let query: WatchQuery
        let continuation: AsyncStream<Change?>.Continuation
        let registration: Registration

        init(
            stream: AsyncStream<Change?>, query: WatchQuery, _ continuation: AsyncStream<Change?>.Continuation,
            onEnd: @escaping @Sendable () -> Void
        ) {
            (self.stream, self.query, self.continuation) = (stream, query, continuation)
            registration = Registration(onEnd: onEnd)
        }

        func next() async throws -> WatchBatch? {
            var iterator = stream.makeAsyncIterator()
            guard let next = await iterator.next() else { return nil }
            guard let change = next else { return WatchBatch([], through: nil) }
            let transition = SelectorTransition(before: matches(change.before), after: matches(change.after))
            let object = (change.after ?? change.before)?.encoded(change.version)
            let event = object.flatMap {
                transition.event(object: $0, previous: change.before?.encoded(change.version))
            }
            return WatchBatch(event.map { [$0] } ?? [], through: change.version)
        }

        func interrupt() { continuation.yield(nil) }

        private func matches(_ widget: Widget?) -> Bool {
            guard let widget else { return false }
            return InMemoryStorage.matches(widget, query.scope, query.labelSelector, query.fieldSelector)
        }
    }
}
