import APIMachinery
import HTTPTransport
import Logging
import NIOCore
import NIOHTTP1
import ProfileStore
import TestSupport
import Testing

@testable import APIServer
@testable import ProfilesAPI

/// Get, list, delete and watch of a resource over the embedded store.
struct StoreBackedStorageTests {
    @Test func aGetFindsTheObjectOrIsA404() async throws {
        try await Gadgets.with { gadgets, request in
            let stored = try await gadgets.put("g1")
            #expect(try await gadgets.get(Gadgets.key("g1"), GetOptions(), request) == stored)
            await #expect(throws: StatusError.notFound(Gadgets.resource, name: "g2")) {
                try await gadgets.get(Gadgets.key("g2"), GetOptions(), request)
            }
        }
    }

    @Test func l02PagesGoOnBehindTheLastKeyInOneSnapshot() async throws {
        try await Gadgets.with { gadgets, request in
            for index in 1...5 { try await gadgets.put("g\(index)") }
            var query = ListQuery(
                scope: ListScope(namespace: "prod"), labelSelector: .everything, fieldSelector: .everything,
                snapshot: nil, after: nil, limit: 2)
            let first = try await gadgets.page(query, request)
            #expect(first.remaining == 3)
            try await gadgets.put("g9")
            var names = first.items.compactMap { $0.key?.name }
            var page = first
            while let following = query.following(page) {
                page = try await gadgets.page(following, request)
                names += page.items.compactMap { $0.key?.name }
                query = following
                #expect(page.snapshot == first.snapshot)
            }
            #expect(names == ["g1", "g2", "g3", "g4", "g5"])
            #expect(page.remaining ?? 0 == 0)
        }
    }

    @Test func r11AnObjectWithoutFinalizersGoesAndItsUidIsTold() async throws {
        try await Gadgets.with { gadgets, request in
            try await gadgets.put("g1")
            let result = try await gadgets.delete(Gadgets.key("g1"), DeleteOptions(), request)
            guard case .deleted(let uid, let object) = result else {
                Issue.record("not deleted")
                return
            }
            #expect(uid == "uid-g1")
            #expect(object.resourceVersion == gadgets.currentVersion)
            await #expect(throws: StatusError.notFound(Gadgets.resource, name: "g1")) {
                try await gadgets.delete(Gadgets.key("g1"), DeleteOptions(), request)
            }
        }
    }

    @Test func r11AnObjectWithFinalizersIsMarkedOnce() async throws {
        try await Gadgets.with { gadgets, request in
            try await gadgets.put("g1", finalizers: ["example.io/keep"])
            guard case .marked(let marked) = try await gadgets.delete(Gadgets.key("g1"), DeleteOptions(), request)
            else {
                Issue.record("not marked")
                return
            }
            let metadata = try JSONValue.parse(Array(marked.metadataJSON))
            #expect(metadata["deletionTimestamp"] == "2026-01-01T00:00:00Z")
            #expect(metadata["deletionGracePeriodSeconds"] == 0)
            #expect(metadata["generation"] == 2)
            #expect(metadata["resourceVersion"]?.stringValue == marked.resourceVersion.description)
            #expect(try JSONValue.parse(marked.json)["spec"] == ["color": "red"])
            guard case .marked(let again) = try await gadgets.delete(Gadgets.key("g1"), DeleteOptions(), request) else {
                Issue.record("not marked again")
                return
            }
            #expect(again == marked)
        }
    }

    @Test func r03ADryRunOfADeletionChangesNothing() async throws {
        try await Gadgets.with { gadgets, request in
            let stored = try await gadgets.put("g1")
            try await gadgets.put("g2", finalizers: ["example.io/keep"])
            let version = gadgets.currentVersion
            var options = DeleteOptions()
            options.dryRun = true
            for name in ["g1", "g2"] { _ = try await gadgets.delete(Gadgets.key(name), options, request) }
            #expect(gadgets.currentVersion == version)
            #expect(try await gadgets.get(Gadgets.key("g1"), GetOptions(), request) == stored)
        }
    }

    @Test(
        arguments: [
            (DeleteOptions.Preconditions(uid: "uid-g1"), nil),
            (
                DeleteOptions.Preconditions(uid: "nope"),
                "the UID in the precondition (nope) does not match the UID in record (uid-g1). "
            ),
            (
                DeleteOptions.Preconditions(resourceVersion: "1x"),
                "the ResourceVersion in the precondition (1x) does not match "
            ),
        ] as [(DeleteOptions.Preconditions, String?)])
    func r14PreconditionsThatDontHoldAre409(_ preconditions: DeleteOptions.Preconditions, _ text: String?) async throws
    {
        try await Gadgets.with { gadgets, request in
            try await gadgets.put("g1")
            var options = DeleteOptions()
            options.preconditions = preconditions
            do {
                _ = try await gadgets.delete(Gadgets.key("g1"), options, request)
                #expect(text == nil)
            } catch let error as StatusError {
                #expect(error.code == 409)
                #expect(error.reason == .conflict)
                let start = #"Operation cannot be fulfilled on gadgets.example.io "g1": "# + (text ?? "?")
                #expect(error.message.hasPrefix(start), "\(error.message)")
            }
        }
    }

    @Test func w07W08AWatchTellsComingsGoingsAndDeletionsUnderTheirOwnVersions() async throws {
        try await Gadgets.with { gadgets, request in
            try await gadgets.put("g1", color: "blue")
            let source = try await gadgets.watch(Gadgets.watch(after: gadgets.currentVersion, color: "red"), request)
            try await gadgets.replace("g1", color: "red")
            try await gadgets.replace("g1", color: "red")
            try await gadgets.replace("g1", color: "blue")
            try await gadgets.put("g2", color: "red", namespace: "test")
            try await gadgets.put("g3", color: "red")
            _ = try await gadgets.delete(Gadgets.key("g3"), DeleteOptions(), request)
            var seen: [WatchEvent] = []
            let last = gadgets.currentVersion
            while seen.last?.version != last, let batch = try await source.next() { seen += batch.events }
            let start = last.rawValue - 6
            #expect(
                seen.map(Self.summary) == [
                    "added red@\(start + 1)", "modified red@\(start + 2)", "deleted red@\(start + 3)",
                    "added red@\(start + 5)", "deleted red@\(start + 6)",
                ])
        }
    }

    @Test func w05AHistoryThatIsntThereIsA410() async throws {
        let directory = try TemporaryDirectory("store")
        let request = try await Gadgets.request()
        try await Gadgets.open(directory) { _ = try await $0.put("g1") }
        try await Gadgets.open(directory) { reopened in
            let query = Gadgets.watch(after: ResourceVersion(1), color: "red")
            await #expect(throws: StatusError.expired("")) { _ = try await reopened.watch(query, request) }
        }
    }

    private static func summary(_ event: WatchEvent) -> String {
        func told(_ word: String, _ object: EncodedObject) -> String {
            let value = try? JSONValue.parse(object.json)
            let color = value?["spec"]?["color"]?.stringValue ?? "?"
            return "\(word) \(color)@\(value?["metadata"]?["resourceVersion"]?.stringValue ?? "?")"
        }
        return switch event {
        case .added(let object): told("added", object)
        case .modified(let object): told("modified", object)
        case .deleted(let object): told("deleted", object)
        }
    }
}

/// A made-up resource in a store of its own.
struct Gadgets: StoreBackedStorage {
    static let resource = GroupResource(group: "example.io", resource: "gadgets")
    static let kind = GroupVersionKind(group: "example.io", version: "v1", kind: "Gadget")

    let store: any ObjectStore
    let groupResource = Gadgets.resource
    let description = ResourceDescription(plural: "gadgets", singular: "gadget", kind: "Gadget")
    let columns = [TableColumn.name]
    let schema = Schema.resource([])
    let now: @Sendable () -> Timestamp = { Timestamp(rfc3339: "2026-01-01T00:00:00Z") ?? .now() }

    let hasGarbageCollector: Bool

    static func with(
        collected: Bool = false, _ body: (Gadgets, AuthorizedRequest) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("store")
        let request = try await request()
        try await open(directory, collected: collected) { try await body($0, request) }
    }

    static func open(
        _ directory: TemporaryDirectory, collected: Bool = false, _ body: (Gadgets) async throws -> Void
    ) async throws {
        let store = try EmbeddedStore(
            configuration: EmbeddedStoreConfiguration(directory: directory.path), logger: Logger(label: "test"))
        do {
            try await body(Gadgets(store: store, hasGarbageCollector: collected))
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "prod", name: name) }

    static func watch(after version: ResourceVersion, color: String) -> WatchQuery {
        WatchQuery(
            scope: ListScope(namespace: "prod"), labelSelector: .everything,
            fieldSelector: FieldSelector([.init("spec.color", .equals, color)]), after: version)
    }

    @discardableResult
    func put(
        _ name: String, color: String = "red", namespace: String = "prod", finalizers: [String] = []
    ) async throws -> EncodedObject {
        try await store.create(Self.draft(name, color, namespace, finalizers)).object
    }

    func replace(_ name: String, color: String) async throws {
        _ = try await store.update("gadgets", Self.key(name)) { _ in .replace(Self.draft(name, color, "prod", [])) }
    }

    private static func draft(_ name: String, _ color: String, _ namespace: String, _ finalizers: [String])
        -> ObjectDraft
    {
        var metadata = ObjectMeta(name: name, namespace: namespace)
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        metadata.finalizers = finalizers
        return ObjectDraft(
            resource: "gadgets", key: metadata.key, uid: metadata.uid, fields: ["spec.color": color], createdAt: 0
        ) { [metadata] version in
            var metadata = metadata
            metadata.resourceVersion = version
            return EncodedObject(kind, metadata: metadata) {
                $0.string(name)
            } members: { writer in
                writer.object("spec") { $0.field("color", color) }
            }
        }
    }

    static func request() async throws -> AuthorizedRequest {
        struct Nobody: Authenticator {
            func authenticate(_ request: UnauthenticatedRequest) async throws -> UserInfo? { nil }
        }
        struct Everything: Authorizer {
            func authorize(_ attributes: Attributes) async -> Decision { .allow(reason: "") }
        }
        let target = try RequestTarget("/apis/example.io/v1/namespaces/prod/gadgets")
        let query = QueryItems()
        let context = RequestContext(
            info: try RequestInfo(method: .GET, target: target, query: query), query: query, auditID: "audit",
            deadline: .distantFuture)
        let http = HTTPRequest(
            head: HTTPRequestHead(method: .GET, target: target.path), connection: PeerConnection(id: 1))
        let registry = MetricsRegistry()
        let known = try await AuthenticationStep(
            authenticator: Nobody(), metrics: AuthenticationMetrics(registry: registry, now: { .now() })
        ).authenticate(UnauthenticatedRequest(http: http, context: context))
        return try await AuthorizationStep(
            authorizer: Everything(), metrics: AuthorizationMetrics(registry: registry, now: { .now() })
        ).authorize(known)
    }
}
