import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import APIServer

/// Gadgets: a made-up kind whose spec has every sort of field that server-side apply knows. The same type as a
/// CustomResourceDefinition was given to a real kube-apiserver for the recordings in `Goldens`.
enum GadgetSchema {
    private static let texts = Schema.map(of: .string)
    private static let target = Schema.object([
        Schema.Field("name", .string, required: true), Schema.Field("port", .integer()),
        Schema.Field("labels", texts), Schema.Field("weights", .array(of: .integer(), topology: .set)),
    ])
    private static let pair = Schema.object([
        Schema.Field("host", .string, required: true), Schema.Field("port", .integer(), default: 80),
        Schema.Field("note", .string),
    ])
    private static let nested = Schema.object([
        Schema.Field("a", .string), Schema.Field("b", .string),
        Schema.Field("deep", .object([Schema.Field("c", .string)])),
    ])

    static let schema = Schema.resource([
        Schema.Field(
            "spec",
            .object([
                Schema.Field("size", .integer()), Schema.Field("color", .string, default: "red"),
                Schema.Field("enabled", .boolean), Schema.Field("ratio", .number),
                Schema.Field("port", .integerOrString),
                Schema.Field("tags", .array(of: .string, topology: .set)),
                Schema.Field("numbers", .array(of: .integer(), topology: .set)),
                Schema.Field("targets", .array(of: target, topology: .map(keys: ["name"]))),
                Schema.Field("pairs", .array(of: pair, topology: .map(keys: ["host", "port"]))),
                Schema.Field("args", .array(of: .string)), Schema.Field("limits", texts),
                Schema.Field("selector", .object([Schema.Field("matchLabels", texts)], topology: .atomic)),
                Schema.Field("nested", nested),
                Schema.Field("free", .object([], keepsUnknownFields: true)),
                Schema.Field("zones", .map(of: .object([Schema.Field("x", .string), Schema.Field("y", .string)]))),
            ])),
        Schema.Field("status", .object([Schema.Field("phase", .string)])),
    ])
}

/// Gadgets as JSON in memory.
final class GadgetStorage: Getter, Creator, Updater {
    static let resource = GroupResource(group: "example.io", resource: "gadgets")

    let description = ResourceDescription(plural: "gadgets", singular: "gadget", kind: "Gadget")
    let columns = [TableColumn.name, TableColumn.age]
    let schema = GadgetSchema.schema
    private let objects = Mutex<(version: UInt64, all: [ObjectKey: EncodedObject])>((100, [:]))

    var currentVersion: ResourceVersion { ResourceVersion(objects.withLock(\.version)) }

    func get(_ key: ObjectKey, _ options: GetOptions, _ request: AuthorizedRequest) async throws -> EncodedObject {
        guard let object = self[key] else { throw StatusError.notFound(Self.resource, name: key.name) }
        return object
    }

    subscript(key: ObjectKey) -> EncodedObject? { objects.withLock { $0.all[key] } }

    func create(
        _ object: DecodedObject, _ options: CreateOptions, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        if self[object.metadata.key] != nil {
            throw StatusError.alreadyExists(Self.resource, name: object.metadata.name)
        }
        return options.dryRun ? Self.encode(object, nil) : write(object)
    }

    func update(
        _ key: ObjectKey, _ change: ObjectUpdate, dryRun: Bool, _ request: AuthorizedRequest
    ) async throws -> EncodedObject {
        guard let stored = self[key] else { throw StatusError.notFound(Self.resource, name: key.name) }
        switch try change.outcome(for: stored) {
        case .unchanged: return stored
        case .replaced(let object), .removed(let object):
            return dryRun ? Self.encode(object, stored.resourceVersion) : write(object)
        }
    }

    private func write(_ object: DecodedObject) -> EncodedObject {
        objects.withLock { objects in
            objects.version += 1
            let encoded = Self.encode(object, ResourceVersion(objects.version))
            objects.all[object.metadata.key] = encoded
            return encoded
        }
    }

    private static func encode(_ object: DecodedObject, _ version: ResourceVersion?) -> EncodedObject {
        var metadata = object.metadata
        metadata.resourceVersion = version
        let kind = GroupVersionKind(group: "example.io", version: "v1", kind: "Gadget")
        return EncodedObject(kind, metadata: metadata) { cells in
            cells.string(metadata.name)
            cells.ageCell()
        } members: { writer in
            if let spec = object.value["spec"] { writer.field("spec", spec) }
        }
    }
}

/// Gadgets served without a socket, at a time that the test says.
final class GadgetAPI: Sendable {
    static let gadgets = "/apis/example.io/v1/namespaces/prod/gadgets"

    let storage = GadgetStorage()
    private let seconds = Mutex<Int64>(0)
    private let mayCreate: Bool

    init(mayCreate: Bool = true) { self.mayCreate = mayCreate }

    private struct Creating: Authorizer {
        let isAllowed: Bool
        func authorize(_ attributes: Attributes) async -> Decision {
            isAllowed && attributes.verb == "create" ? .allow(reason: "") : .noOpinion(reason: "")
        }
    }

    /// Sets the time of day, in seconds since 2026.
    func set(seconds: Int64) { self.seconds.withLock { $0 = seconds } }

    static let start: Int64 = 1_767_225_600

    func send(
        _ method: HTTPMethod, _ target: String, type: String = "application/apply-patch+yaml", agent: String = "test/1",
        body: String
    ) async throws -> WidgetAPI.Answer {
        var configuration = HandlerConfiguration()
        let time = Timestamp(seconds: Self.start + seconds.withLock { $0 }) ?? .earliest
        configuration.now = { time }
        configuration.creation = CreationGate(authorizer: Creating(isAllowed: mayCreate))
        let group = APIGroupEndpoint(
            group: "example.io", version: "v1", resources: [APIResource(storage)], configuration: configuration)
        var headers: HTTPHeaders = ["accept": "application/json", "content-type": type]
        if !agent.isEmpty { headers.add(name: "user-agent", value: agent) }
        let request = try await WidgetAPI.authorized(method, target, headers, body: body)
        let response: APIResponse
        do {
            response = try await group.respond(to: request)
        } catch {
            let refusal = ErrorBoundary.response(
                ErrorBoundary.refusal(error), to: request.http.head, query: request.query)
            response = APIResponse(status: refusal.0, headers: refusal.1, body: .bytes(refusal.2))
        }
        guard case .bytes(let buffer) = response.body else { throw StatusError.internalError("a stream") }
        return WidgetAPI.Answer(
            status: Int(response.status.code), headers: response.headers, text: String(buffer: buffer),
            warnings: request.warnings.headerValues)
    }
}
