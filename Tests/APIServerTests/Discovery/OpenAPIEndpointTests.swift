import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// O01, O02: how the OpenAPI documents are handed out (conformance 7.1, 7.2).
struct OpenAPIEndpointTests {
    static let document = "/openapi/v3/apis/example.io/v1"
    let api = WidgetAPI(connectors: [RoutingTests.Echo(name: "echo")])

    /// The path of the document as the index tells it, with its hash.
    func told(_ api: WidgetAPI) async throws -> String {
        let index = try await api.send(.GET, "/openapi/v3").json
        return try #require(index["paths"]?["apis/example.io/v1"]?["serverRelativeURL"]?.stringValue)
    }

    @Test(arguments: ["/openapi/v2", "/openapi/v3", "/openapi/v3/", document])
    func o01EveryDocumentHasATagAndIsNotSentTwice(_ path: String) async throws {
        let answer = try await api.send(.GET, path, .json)
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "content-type") == "application/json")
        #expect(answer.headers.first(name: "vary") == "Accept")
        #expect(answer.headers.first(name: "expires") == nil)
        let etag = try #require(answer.headers.first(name: "etag"))
        #expect(etag.hasPrefix("\"") && etag.hasSuffix("\"") && etag == etag.uppercased())
        for known in [etag, "W/\(etag)", "\"a\", \(etag)", "*"] {
            let again = try await api.send(.GET, path, ["if-none-match": known])
            #expect(again.status == 304 && again.text.isEmpty)
            #expect(again.headers.first(name: "etag") == etag)
        }
        #expect(try await api.send(.GET, path, ["if-none-match": "\"a\""]).status == 200)
    }

    @Test func o02TheDocumentOfItsHashMayBeKeptForAYear() async throws {
        let answer = try await api.send(.GET, try await told(api) + "&timeout=32s", .json)
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "cache-control") == "public, immutable")
        #expect(answer.headers.first(name: "expires") == "Fri, 01 Jan 2027 00:02:41 GMT")
        #expect(answer.json["openapi"] == "3.0.0")
    }

    @Test(arguments: ["", "?hash=", "?hash=bad"])
    func o02AnotherHashGetsThePresentDocumentWhichIsNotToBeKept(_ query: String) async throws {
        let answer = try await api.send(.GET, Self.document + query, .json)
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "cache-control") == nil)
        #expect(answer.headers.first(name: "expires") == nil)
        #expect(answer.text == (try await api.send(.GET, try await told(api), .json)).text)
    }

    @Test func theHashIsTheDocumentsWhicheverReplicaTellsIt() async throws {
        let again = try await told(WidgetAPI(connectors: [RoutingTests.Echo(name: "echo")]))
        #expect(try await told(api) == again)
        #expect(try await told(api) != told(WidgetAPI()))
    }

    @Test(arguments: [
        ("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", 406),
        ("application/com.github.proto-openapi.spec.v2@v1.0+protobuf", 406), ("text/html", 406),
        ("application/com.github.proto-openapi.spec.v2.v1.0+protobuf, application/json;q=0.5", 200), ("*/*", 200),
        ("application/*", 200), ("application/json;charset=utf-8", 200),
    ])
    func onlyJSONIsTold(_ accept: String, _ status: Int) async throws {
        for path in ["/openapi/v2", "/openapi/v3", Self.document] {
            let answer = try await api.send(.GET, path, ["accept": accept])
            #expect(answer.status == status)
            #expect(answer.reason == (status == 406 ? "NotAcceptable" : ""))
        }
    }

    @Test(arguments: [
        "/openapi/v3/apis/example.io/v2", "/openapi/v3/apis/other.io/v1", "/openapi/v3/api/v1", "/openapi",
    ])
    func otherDocumentsAre404(_ path: String) async throws {
        #expect(try await api.send(.GET, path).status == 404)
    }

    @Test(arguments: [HTTPMethod.POST, .HEAD, .DELETE])
    func otherMethodsAre405(_ method: HTTPMethod) async throws {
        #expect(try await api.send(method, "/openapi/v2").status == 405)
    }

    @Test func theDocumentsAreToldWhileTheStoreIsDownAndTheServerDrains() async throws {
        api.storage.refuse(.serviceUnavailable("gone"))
        api.configuration.drain.drain()
        #expect(try await api.send(.GET, "/openapi/v2").status == 200)
        #expect(try await api.send(.GET, Self.document).status == 200)
    }

    @Test func whatIsServedIsToldThoughDiscoveryHidesIt() async throws {
        let description = ResourceDescription(
            plural: "widgets", singular: "widget", kind: "Widget", unadvertisedVerbs: [.watch])
        let hidden = WidgetAPI(InMemoryStorage(description: description))
        let paths = try await hidden.send(.GET, Self.document).json["paths"]
        let list = paths?["/apis/example.io/v1/namespaces/{namespace}/widgets"]?["get"]
        #expect(list?["parameters"]?.arrayValue?.contains { $0["name"] == "watch" } == true)
    }

    @Test func theShapeIsTheStorages() async throws {
        let schemas = try await api.send(.GET, Self.document).json["components"]?["schemas"]
        let spec = schemas?["io.example.v1.Widget"]?["properties"]?["spec"]
        #expect(spec?["properties"]?["color"] == ["type": "string", "default": "red", "description": "Its color."])
    }
}
