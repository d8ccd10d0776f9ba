internal import APIMachinery
public import APIServer
internal import HTTPTransport
internal import NIOCore
internal import NIOHTTP1
internal import ProfefeCollector
internal import ProfileStore

/// profefe's own HTTP API over the store: what agents, `kprofefe`, `kubectl-profefe` and scripts talk to, unchanged, where this server
/// takes a collector's place.
///
/// | call | answer |
/// |---|---|
/// | `POST /api/0/profiles?service=&type=&labels=&created_at=` | 200, the profile's metadata |
/// | `GET /api/0/profiles?service=&from=&to=&type=&labels=&limit=` | 200, metadata of the newest, oldest first; 404 without any |
/// | `GET /api/0/profiles/merge?` the same | their merge |
/// | `GET /api/0/profiles/ID+ID…` | the bytes of one, the merge of several |
/// | `GET /api/0/services`, `/version` | 200 |
///
/// Answers are profefe's, save for its faults: no row is lost, an id is whole or nobody's, an unknown id beside others is a 404,
/// profiles that can't be merged are a 400, what is too large is a 413, a method that does nothing a 405.
public struct CollectorAPI: Sendable {
    struct Parts: Sendable {
        let profiles: StoredProfiles
        let services: ServiceIndex
        let writer: ProfileWriter
        let admission: AdmissionChain
        let unscopedNamespace: String
    }

    private let parts: Parts

    init(_ parts: Parts) { self.parts = parts }

    /// The way of its requests: that of `chain`, whose limits, audit and metrics they share.
    ///
    /// - Parameters:
    ///   - authorizer: says who may send and read; nil lets everybody.
    ///   - version: what `/version` tells.
    public func chain(_ chain: HandlerChain, authorizer: (any Authorizer)?, version: String) -> HandlerChain {
        let rights: any Authorizer = authorizer ?? CollectorOpenAuthorizer()
        return chain.speaking(
            CollectorDialect(unscopedNamespace: parts.unscopedNamespace),
            authorizer: authorizer.map { CollectorAuthorizer(base: $0) } ?? CollectorOpenAuthorizer(),
            endpoint: CollectorEndpoint(parts, ReadableNamespaces(authorizer: rights), version: version))
    }
}

/// Answers the calls.
struct CollectorEndpoint: Endpoint {
    private let profiles: StoredProfiles
    private let services: ServiceIndex
    private let readable: ReadableNamespaces
    private let search: CollectorProfiles
    private let merge: CollectorMerge
    private let fetch: CollectorFetch
    private let writer: CollectorWriter
    private let version: String

    init(_ parts: CollectorAPI.Parts, _ readable: ReadableNamespaces, version: String) {
        profiles = parts.profiles
        services = parts.services
        self.readable = readable
        search = CollectorProfiles(
            profiles: parts.profiles, services: parts.services, readable: readable,
            unscopedNamespace: parts.unscopedNamespace)
        merge = CollectorMerge(profiles: parts.profiles)
        fetch = CollectorFetch(store: parts.profiles.store, services: parts.services, readable: readable)
        writer = CollectorWriter(writer: parts.writer, admission: parts.admission)
        self.version = version
    }

    /// Where nothing was found, that is said only if it is known: not while the mirror of a collector may lack it.
    func respond(to request: AuthorizedRequest) async throws -> APIResponse {
        guard request.http.head.method != .POST else { return try await answer(request) }
        profiles.warn(request)
        do {
            return try await answer(request)
        } catch let refusal as StatusError where refusal.code == 404 {
            throw profiles.absence(refusal)
        }
    }

    private func answer(_ request: AuthorizedRequest) async throws -> APIResponse {
        let path = request.info.path
        guard let call = CollectorCall(path: path) ?? (path == CollectorDialect.version ? .version : nil) else {
            throw CollectorRefusal.nothingFound
        }
        switch call {
        case .profiles where request.http.head.method == .POST: return try await create(request)
        case .profiles: return try await find(request)
        case .merge: return try await mergeFound(request)
        case .profile(let path): return try await get(path, request)
        case .services: return try await listServices(request)
        case .version: return tellVersion()
        }
    }

    /// One profile that was asked for lately.
    func respondAtOnce(to request: AuthorizedRequest) throws -> APIResponse? {
        guard case .profile(let name)? = CollectorCall(path: request.info.path) else { return nil }
        guard let answer = fetch.findAtOnce(name, for: request.user).flatMap({ merge.hotAnswer($0, fileName: name) })
        else { return nil }
        profiles.warn(request)
        return answer
    }

    private func create(_ request: AuthorizedRequest) async throws -> APIResponse {
        let (key, object) = try await writer.write(request)
        var told = CollectorRows()
        guard let spec = CollectorSpec(object), let time = spec.decodedTime, let type = spec.decodedType,
            told.append(key, spec, at: time, type: type), let row = told.rows.first
        else { throw StatusError.internalError("the new profile can't be told of") }
        fetch.remember(key)
        return Self.answer { $0.raw(told.json(row)) }
    }

    private func find(_ request: AuthorizedRequest) async throws -> APIResponse {
        let found = try await search.find(try CollectorFind(request.query), for: request.user)
        return await offEventLoop {
            Self.answer(capacity: found.size + 64) { writer in
                writer.array { writer in for row in found.rows { writer.raw(found.json(row)) } }
            }
        }
    }

    private func mergeFound(_ request: AuthorizedRequest) async throws -> APIResponse {
        let asked = try CollectorFind(request.query)
        guard let type = asked.type, type != .trace else {
            throw CollectorRefusal.cannotMerge(asked.type?.name ?? "unknown")
        }
        let found = try await search.find(asked, for: request.user)
        return try await merge.answer(found.keys, fileName: type.name, request)
    }

    private func get(_ path: String, _ request: AuthorizedRequest) async throws -> APIResponse {
        let ids = try CollectorFetch.ids(path)
        guard ids.count <= Self.mostIDs else {
            throw StatusError.badRequest("\(ids.count) ids; at most \(Self.mostIDs) can be merged")
        }
        var keys: [ObjectKey] = []
        for id in ids {
            guard let key = try await fetch.find(id, for: request.user) else {
                throw ids.count == 1 ? CollectorRefusal.nothingFound : CollectorRefusal.noProfile(id)
            }
            keys.append(key)
        }
        return try await merge.answer(keys, fileName: ids.joined(separator: "+"), request)
    }

    private static let mostIDs = 1000

    private func listServices(_ request: AuthorizedRequest) async throws -> APIResponse {
        let resource = ProfilesGroup.resource(ProfilesGroup.services)
        let all = try await StoreFailure(resource).during { () throws(StoreError) in
            try await services.read { book in book.services.map { ($0.namespace, $0.service) } }
        }
        var namespaces: [String] = []
        for (namespace, _) in all where namespace != namespaces.last { namespaces.append(namespace) }
        let mayRead = Set(try await readable.among(namespaces, request.user, ProfilesGroup.services))
        guard !mayRead.isEmpty else {
            throw namespaces.isEmpty
                ? CollectorRefusal.nothingFound : ReadableNamespaces.none(request.user, ProfilesGroup.services)
        }
        let names = Set(all.filter { mayRead.contains($0.0) }.map(\.1))
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return Self.answer { writer in
            writer.array { writer in for name in sorted { writer.string(name) } }
        }
    }

    private func tellVersion() -> APIResponse {
        Self.answer { writer in
            writer.object { writer in
                writer.field("version", version)
                for name in ["commit", "build_time", "go_version"] { writer.field(name, "") }
            }
        }
    }

    private static func answer(capacity: Int = 256, _ body: (inout JSONWriter) -> Void) -> APIResponse {
        APIResponse(
            headers: ["content-type": "application/json", "x-content-type-options": "nosniff"],
            body: .bytes(ByteBuffer(bytes: CollectorEnvelope.encode(capacity: capacity, body: body))))
    }
}
