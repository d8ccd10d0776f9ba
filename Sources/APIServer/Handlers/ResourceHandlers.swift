internal import APIMachinery
internal import HTTPTransport
internal import NIOHTTP1

/// Finds the handler for a request on one resource (conformance section 4, routing results).
///
/// | path | GET | POST | PUT | PATCH | DELETE | HEAD, OPTIONS, … |
/// |---|---|---|---|---|---|---|
/// | `R` of all namespaces | list, watch | 405 | 405 | 405 | deletecollection | 405 |
/// | `R` of one namespace, or of the cluster | list, watch | create | 405 | 405 | deletecollection | 405 |
/// | `R/N` | get | 405 | update | patch | delete | 405 |
/// | `R/N/S` | by the connector's verbs | the same | the same | the same | the same | 405 |
/// | `R/N/S/…` | the same where the connector takes sub-paths, else 404 | | | | | |
///
/// 404 too: an object of a namespaced resource outside of a namespace, a namespace with a resource that has none, the
/// legacy `/watch/` and `/proxy/` paths.
struct ResourceHandlers: Sendable {
    private let context: ResourceContext
    /// Nil if the storage can't `get`. Settled here: of all reads these are the most, and a cast takes as long as one.
    private let getting: GetHandler?

    init(_ context: ResourceContext) {
        self.context = context
        getting = (context.resource.storage as? any Getter).map { GetHandler(context: context, getter: $0) }
    }

    /// The answer to a `GET` of an object that is at hand in memory; nil for every other request.
    func respondAtOnce(to request: AuthorizedRequest) throws -> APIResponse? {
        guard let getting, request.http.head.method == .GET, request.info.parts.count == 2 else { return nil }
        try checkPath(request.info, query: request.query)
        return try getting.respondAtOnce(to: request, key: key(request))
    }

    func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        let info = request.info
        try checkPath(info, query: request.query)
        switch info.parts.count {
        case 1: return try await collection(request)
        case 2: return try await object(request)
        default: return try await subresource(request)
        }
    }

    private func checkPath(_ info: RequestInfo, query: QueryItems) throws {
        let isLegacy = info.verb == "proxy" || (info.verb == "watch" && query.flag("watch") != true)
        let isMisplaced =
            context.description.namespaced
            ? info.namespace.isEmpty && info.parts.count > 1
            : !info.namespace.isEmpty
        if isLegacy || isMisplaced { throw StatusError.resourceNotFound() }
    }

    private func collection(_ request: AuthorizedRequest) async throws -> APIResponse {
        let storage = context.resource.storage
        switch request.http.head.method {
        case .GET where request.info.verb == "watch":
            let watcher = try context.require(storage as? any Watcher, .watch)
            return try await WatchHandler(context: context, watcher: watcher).respond(to: request)
        case .GET:
            let lister = try context.require(storage as? any Lister, .list)
            return try await ListHandler(context: context, lister: lister).respond(to: request)
        case .POST where !(context.description.namespaced && request.info.namespace.isEmpty):
            let creator = try context.require(storage as? any Creator, .create)
            return try await CreateHandler(context: context, creator: creator).respond(to: request)
        case .DELETE:
            let storage = try context.require(storage as? any Deleter & Lister, .deletecollection)
            return try await DeleteCollectionHandler(context: context, storage: storage).respond(to: request)
        default:
            throw StatusError.methodNotAllowed(context.groupResource)
        }
    }

    private func object(_ request: AuthorizedRequest) async throws -> APIResponse {
        let storage = context.resource.storage
        switch request.http.head.method {
        case .GET:
            return try await context.require(getting, .get).respond(to: request, key: key(request))
        case .PUT:
            let updater = try context.require(storage as? any Updater, .update)
            return try await UpdateHandler(context: context, updater: updater).respond(to: request, key: key(request))
        case .PATCH:
            let updater = try context.require(storage as? any Updater, .patch)
            return try await PatchHandler(context: context, updater: updater).respond(to: request, key: key(request))
        case .DELETE:
            let deleter = try context.require(storage as? any Deleter, .delete)
            return try await DeleteHandler(context: context, deleter: deleter).respond(to: request, key: key(request))
        default:
            throw StatusError.methodNotAllowed(context.groupResource)
        }
    }

    private func subresource(_ request: AuthorizedRequest) async throws -> APIResponse {
        let info = request.info
        guard let connector = context.resource.connectors[info.subresource],
            info.parts.count == 3 || connector.takesSubpaths
        else { throw StatusError.resourceNotFound() }
        guard let verb = Self.verb(of: request.http.head.method), connector.subresource.verbs.contains(verb) else {
            throw StatusError.methodNotAllowed(context.groupResource)
        }
        return try await connector.connect(key(request), request)
    }

    /// The verb that a connector must have for the method; HEAD, though a read, is served by none (conformance 5.4).
    private static func verb(of method: HTTPMethod) -> String? {
        switch method {
        case .GET: "get"
        case .POST: "create"
        case .PUT: "update"
        case .PATCH: "patch"
        case .DELETE: "delete"
        default: nil
        }
    }

    /// The object the path names. A name that can't be one is one that nobody has: 404, before any storage sees it.
    private func key(_ request: AuthorizedRequest) throws -> ObjectKey {
        let info = request.info
        guard ObjectName.isPathSegment(info.name), ObjectName.isPathSegment(info.namespace) || info.namespace.isEmpty
        else { throw StatusError.notFound(context.groupResource, name: info.name) }
        return ObjectKey(namespace: info.namespace, name: info.name)
    }
}

/// What names in paths may hold.
enum ObjectName {
    /// Not empty, not `.` or `..`, no `/`, no `%`, no control characters (Kubernetes' `IsValidPathSegmentName`, and NUL).
    static func isPathSegment(_ name: String) -> Bool {
        guard !name.isEmpty, name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "%") }
    }
}
