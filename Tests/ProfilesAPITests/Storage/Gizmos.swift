import APIMachinery
import HTTPTransport
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import ProfileStore
import TestSupport

@testable import APIServer
@testable import ProfilesAPI

/// A made-up resource that can be changed, in a store of its own; asked as the server asks it.
struct Gizmos: StoreBackedUpdater {
    static let kind = GroupVersionKind(group: "example.io", version: "v1", kind: "Gizmo")

    let store: any ObjectStore
    let embedded: EmbeddedStore
    let groupResource = GroupResource(group: "example.io", resource: "gizmos")
    let description = ResourceDescription(plural: "gizmos", singular: "gizmo", kind: "Gizmo")
    let columns = [TableColumn.name]
    let now: @Sendable () -> Timestamp = { Timestamp(rfc3339: "2026-01-01T00:00:00Z") ?? .now() }
    let schema = Schema.resource([Schema.Field("spec", .object([Schema.Field("color", .string)]))])

    /// Opens a store of which the first `races` updates come just behind another write.
    static func with(
        races: Int = 0, by race: RacingStore.Race = .annotating, _ body: (Gizmos) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("store")
        let embedded = try EmbeddedStore(
            configuration: EmbeddedStoreConfiguration(directory: directory.path), logger: Logger(label: "test"))
        do {
            let racing = RacingStore(inner: embedded, race: race, races: races)
            try await body(Gizmos(store: races > 0 ? racing : embedded, embedded: embedded))
        } catch {
            await embedded.close()
            throw error
        }
        await embedded.close()
    }

    static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "prod", name: name) }

    func draft(_ object: DecodedObject, replacing stored: StoredObject) throws(StoreError) -> ObjectDraft {
        Self.draft(object.metadata, color: object.value["spec"]?["color"]?.stringValue ?? "")
    }

    static func draft(_ metadata: ObjectMeta, color: String) -> ObjectDraft {
        ObjectDraft(
            resource: "gizmos", key: metadata.key, uid: metadata.uid, labels: metadata.labels,
            fields: ["spec.color": color],
            createdAt: 0
        ) { version in
            var metadata = metadata
            metadata.resourceVersion = version
            return EncodedObject(kind, metadata: metadata) {
                $0.string(metadata.name)
            } members: { writer in
                writer.object("spec") { $0.field("color", color) }
            }
        }
    }

    @discardableResult
    func put(_ name: String, finalizers: [String] = []) async throws -> EncodedObject {
        var metadata = ObjectMeta(name: name, namespace: "prod")
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        metadata.finalizers = finalizers
        return try await store.create(Self.draft(metadata, color: "red")).object
    }

    func metadata(_ name: String) async throws -> ObjectMeta {
        var faults = FieldErrorList()
        let stored = try await store.get("gizmos", Self.key(name))
        return ObjectMeta(json: try stored.map { try JSONValue.parse(Array($0.object.metadataJSON)) }, errors: &faults)
    }

    // MARK: Requests

    struct Answer: Sendable {
        let status: Int
        let text: String
        var json: JSONValue { (try? JSONValue.parse(Array(text.utf8))) ?? .null }
        var version: String { json["metadata"]?["resourceVersion"]?.stringValue ?? "" }
    }

    func patch(_ name: String, _ body: String, query: String = "") async throws -> Answer {
        try await send(.PATCH, name + query, body, type: "application/merge-patch+json")
    }

    func send(_ method: HTTPMethod, _ name: String, _ body: String, type: String = "application/json") async throws
        -> Answer
    {
        let endpoint = APIGroupEndpoint(group: "example.io", version: "v1", resources: [APIResource(self)])
        let request = try await Self.request(method, name, body, type)
        do {
            let response = try await endpoint.respond(to: request)
            guard case .bytes(let buffer) = response.body else { return Answer(status: 0, text: "") }
            return Answer(status: Int(response.status.code), text: String(String(buffer: buffer).dropLast()))
        } catch let error as StatusError {
            return Answer(status: error.code, text: String(decoding: error.status.encoded, as: UTF8.self))
        }
    }

    private static func request(
        _ method: HTTPMethod, _ name: String, _ body: String, _ type: String
    ) async throws -> AuthorizedRequest {
        struct Nobody: Authenticator {
            func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? { nil }
        }
        struct Everything: Authorizer {
            func authorize(_ attributes: Attributes) async -> Decision { .allow(reason: "") }
        }
        let text = "/apis/example.io/v1/namespaces/prod/gizmos/\(name)"
        let target = try RequestTarget(text)
        let query = target.query.map { QueryItems(parsing: $0) } ?? QueryItems()
        let context = RequestContext(
            info: try RequestInfo(method: method, target: target, query: query), query: query, auditID: "audit",
            deadline: .distantFuture)
        let http = HTTPRequest(
            head: HTTPRequestHead(method: method, target: text, headers: ["content-type": type]),
            body: .bytes(ByteBuffer(string: body)), connection: PeerConnection(id: 1))
        let registry = MetricsRegistry()
        let known = try await AuthenticationStep(
            authenticator: Nobody(), metrics: AuthenticationMetrics(registry: registry, now: { .now() })
        ).authenticate(UnauthenticatedRequest(http: http, context: context))
        return try await AuthorizationStep(
            authorizer: Everything(), metrics: AuthorizationMetrics(registry: registry, now: { .now() })
        ).authorize(known)
    }
}

/// A store in which somebody else is always a little faster: so many updates find a newer state than was read.
struct RacingStore: ObjectStore {
    /// What the other one does.
    enum Race: Sendable { case annotating, deleting }

    let inner: EmbeddedStore
    let race: Race
    private let left: NIOLockedValueBox<Int>

    init(inner: EmbeddedStore, race: Race, races: Int) {
        (self.inner, self.race, left) = (inner, race, NIOLockedValueBox(races))
    }

    func update(
        _ resource: String, _ key: ObjectKey,
        _ change: @escaping @Sendable (StoredObject) throws(StoreError) -> ObjectChange
    ) async throws(StoreError) -> StoredObject? {
        let races = left.withLockedValue { left in
            left -= 1
            return left >= 0
        }
        if races {
            _ = try await inner.update(resource, key) { stored throws(StoreError) in
                race == .deleting ? .delete : .replace(Self.annotated(stored))
            }
        }
        return try await inner.update(resource, key, change)
    }

    /// The object with one more race counted in its annotations.
    private static func annotated(_ stored: StoredObject) -> ObjectDraft {
        var faults = FieldErrorList()
        var metadata = ObjectMeta(json: try? JSONValue.parse(Array(stored.object.metadataJSON)), errors: &faults)
        metadata.annotations["races"] = String((Int(metadata.annotations["races"] ?? "0") ?? 0) + 1)
        return Gizmos.draft(metadata, color: stored.fields["spec.color"] ?? "")
    }

    var currentVersion: ResourceVersion { inner.currentVersion }
    var health: StoreHealth { inner.health }
    func create(_ draft: ObjectDraft) async throws(StoreError) -> StoredObject { try await inner.create(draft) }
    func get(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> StoredObject? {
        try await inner.get(resource, key)
    }
    func cached(_ resource: String, _ key: ObjectKey) -> StoredObject? { inner.cached(resource, key) }
    func page(_ query: ObjectQuery) async throws(StoreError) -> ObjectPage { try await inner.page(query) }
    func page(_ query: TimelineQuery) async throws(StoreError) -> TimelinePage { try await inner.page(query) }
    func delete(
        _ resource: String, _ key: ObjectKey, preconditions: Preconditions
    ) async throws(StoreError) -> StoredObject? {
        try await inner.delete(resource, key, preconditions: preconditions)
    }
    func payload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> [UInt8]? {
        try await inner.payload(resource, key)
    }
    func openPayload(_ resource: String, _ key: ObjectKey) async throws(StoreError) -> (any PayloadReader)? {
        try await inner.openPayload(resource, key)
    }
    func watch(
        _ resource: String, _ scope: WatchScope, after version: ResourceVersion
    ) throws(StoreError) -> EventSubscription {
        try inner.watch(resource, scope, after: version)
    }
}
