import APIMachinery
import HTTPTransport
import NIOCore
import NIOHTTP1
import Testing

@testable import APIServer

/// Q03: what there is, and what can be done with it.
struct RoutingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let path: String
        let status: Int
        let reason: String
        init(_ method: HTTPMethod, _ path: String, _ status: Int, _ reason: String = "") {
            (self.method, self.path, self.status, self.reason) = (method, path, status, reason)
        }
        var testDescription: String { "\(method) \(path)" }
    }

    static let one = WidgetAPI.widgets + "/w1"
    static let cases: [Case] = [
        Case(.GET, one, 200),
        Case(.GET, WidgetAPI.widgets, 200),
        Case(.GET, WidgetAPI.allWidgets, 200),
        Case(.HEAD, one, 405, "MethodNotAllowed"),
        Case(.OPTIONS, one, 405, "MethodNotAllowed"),
        Case(.HEAD, WidgetAPI.widgets, 405, "MethodNotAllowed"),
        Case(.OPTIONS, WidgetAPI.widgets, 405, "MethodNotAllowed"),
        Case(.PUT, WidgetAPI.widgets, 405, "MethodNotAllowed"),
        Case(.PATCH, WidgetAPI.widgets, 405, "MethodNotAllowed"),
        Case(.POST, WidgetAPI.allWidgets, 405, "MethodNotAllowed"),
        Case(.POST, one, 405, "MethodNotAllowed"),
        Case(.PUT, one, 400, "BadRequest"),
        Case(.PATCH, one, 415, "UnsupportedMediaType"),
        Case(.PATCH, WidgetAPI.allWidgets, 405, "MethodNotAllowed"),
        Case(.GET, "/apis/example.io/v1/gadgets", 404, "NotFound"),
        Case(.GET, "/apis/example.io/v2/widgets", 404, "NotFound"),
        Case(.GET, "/apis/other.io/v1/widgets", 404, "NotFound"),
        Case(.GET, "/api/v1/widgets", 404, "NotFound"),
        Case(.GET, "/api/v1/namespaces/shop", 200),
        Case(.GET, "/api/v1/namespaces/Shop", 404, "NotFound"),
        Case(.GET, "/api/v1/namespaces", 404, "NotFound"),
        Case(.GET, "/api/v1/namespaces/shop/status", 404, "NotFound"),
        Case(.GET, "/api/v1/namespaces/shop/pods/shop", 404, "NotFound"),
        Case(.DELETE, "/api/v1/namespaces/shop", 404, "NotFound"),
        Case(.GET, one + "/nothing", 404, "NotFound"),
        Case(.GET, "/apis/example.io/v1/widgets/w1", 404, "NotFound"),
        Case(.GET, "/apis/example.io/v1/watch/widgets", 404, "NotFound"),
        Case(.GET, "/apis/example.io/v1/proxy/widgets", 404, "NotFound"),
        Case(.GET, "/openapi/v1", 404, "NotFound"),
        Case(.GET, "/nothing", 404, "NotFound"),
        Case(.GET, one + "/echo", 200),
        Case(.GET, one + "/echo/a/b", 404, "NotFound"),
        Case(.POST, one + "/echo", 405, "MethodNotAllowed"),
        Case(.HEAD, one + "/echo", 405, "MethodNotAllowed"),
        Case(.GET, one + "/deep/a/b", 200),
        Case(.GET, WidgetAPI.widgets + "/..", 404, "NotFound"),
        Case(.GET, WidgetAPI.widgets + "/a%25b", 404, "NotFound"),
        Case(.GET, WidgetAPI.widgets + "/a%00b", 404, "NotFound"),
    ]

    @Test(arguments: cases)
    func pathsAndMethodsAreAnsweredAsKubeApiserverAnswersThem(_ example: Case) async throws {
        let api = WidgetAPI(connectors: [Echo(name: "echo"), Echo(name: "deep", takesSubpaths: true)])
        api.storage.put("w1")
        let answer = try await api.send(example.method, example.path)
        #expect(answer.status == example.status)
        #expect(answer.reason == example.reason)
        if !example.reason.isEmpty { #expect(answer.json["code"]?.integerValue == Int64(example.status)) }
    }

    @Test func aStorageServesWhatItConformsToAndNothingElse() async throws {
        let endpoint = APIGroupEndpoint(group: "example.io", version: "v1", resources: [APIResource(Nothing())])
        for method in [HTTPMethod.GET, .POST, .DELETE, .PUT, .PATCH] {
            let path = [.PUT, .PATCH].contains(method) ? Self.one : WidgetAPI.widgets
            let request = try await WidgetAPI.authorized(method, path, .json, body: nil)
            await #expect(throws: StatusError.methodNotAllowed()) { try await endpoint.respond(to: request) }
        }
        #expect(endpoint.discovered.first?.verbs == [])
    }

    /// Says what it was asked.
    struct Echo: Connector {
        let subresource: SubresourceDescription
        let takesSubpaths: Bool

        init(name: String, takesSubpaths: Bool = false) {
            subresource = SubresourceDescription(name: name, kind: InMemoryStorage.kind, verbs: ["get"])
            self.takesSubpaths = takesSubpaths
        }

        func connect(_ key: ObjectKey, _ request: AuthorizedRequest) async throws -> APIResponse {
            .text("\(key) \(request.info.parts.dropFirst(2).joined(separator: "/"))")
        }
    }

    struct Nothing: RESTStorage {
        let schema = Schema.resource([])
        let description = ResourceDescription(plural: "widgets", singular: "widget", kind: "Widget")
        let columns: [TableColumn] = []
        let currentVersion = ResourceVersion(1)
    }
}
