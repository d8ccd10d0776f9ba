import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// D01 to D04: what a client is told there is (conformance 6).
struct DiscoveryEndpointTests {
    let api = WidgetAPI(connectors: [RoutingTests.Echo(name: "echo")])

    static let aggregated: HTTPHeaders = [
        "accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
            + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
    ]

    @Test(arguments: [
        ("v2", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"),
        ("v2beta1", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"),
    ])
    func d01TheAggregatedDocumentHasItsExactTypeAnETagAndVary(_ version: String, _ type: String) async throws {
        let answer = try await api.send(.GET, "/apis", ["accept": type])
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "content-type") == type)
        #expect(answer.headers.first(name: "vary") == "Accept")
        #expect(answer.headers.first(name: "cache-control") == "public")
        #expect(answer.json["kind"] == "APIGroupDiscoveryList")
        #expect(answer.json["apiVersion"]?.stringValue == "apidiscovery.k8s.io/\(version)")
        let etag = answer.headers.first(name: "etag") ?? ""
        #expect(etag.hasPrefix("\"") && etag.hasSuffix("\"") && etag.utf8.count > 8)
        let again = try await api.send(.GET, "/apis", ["accept": type, "if-none-match": etag])
        #expect(again.status == 304)
        #expect(again.text.isEmpty)
        #expect(again.headers.first(name: "etag") == etag)
        #expect(try await api.send(.GET, "/apis", ["accept": type, "if-none-match": "\"x\""]).status == 200)
    }

    @Test func d01TheETagIsTheDocumentsWhicheverReplicaTellsIt() async throws {
        let first = try await api.send(.GET, "/apis", Self.aggregated)
        let second = try await WidgetAPI(connectors: [RoutingTests.Echo(name: "echo")]).send(
            .GET, "/apis", Self.aggregated)
        let other = try await WidgetAPI().send(.GET, "/apis", Self.aggregated)
        #expect(first.headers.first(name: "etag") == second.headers.first(name: "etag"))
        #expect(first.headers.first(name: "etag") != other.headers.first(name: "etag"))
    }

    @Test func d02DiscoveryIsToldWhileTheStoreIsDownAndTheServerDrains() async throws {
        api.storage.refuse(.serviceUnavailable("gone"))
        api.configuration.drain.drain()
        for path in ["/apis", "/apis/example.io/v1"] {
            #expect(try await api.send(.GET, path, Self.aggregated).status == 200)
        }
    }

    @Test(arguments: [
        ("/", ""), ("/api", "APIVersions"), ("/apis", "APIGroupList"), ("/apis/example.io", "APIGroup"),
        ("/apis/example.io/v1", "APIResourceList"),
    ])
    func d03PlainDocumentsWithAndWithoutASlashAtTheEnd(_ path: String, _ kind: String) async throws {
        for path in path == "/" ? [path] : [path, path + "/"] {
            let answer = try await api.send(.GET, path, ["accept": "application/json, */*"])
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-type") == "application/json")
            #expect(answer.json["kind"]?.stringValue ?? "" == kind)
        }
        #expect(try await api.send(.POST, path).status == 405)
    }

    @Test(arguments: ["/apis/other.io", "/apis/example.io/v2"])
    func d03OtherGroupsAndVersionsAre404(_ path: String) async throws {
        #expect(try await api.send(.GET, path).status == 404)
    }

    @Test func d04ToldIsExactlyWhatIsServed() async throws {
        let resources = try await api.send(.GET, "/apis/example.io/v1").json["resources"]?.arrayValue ?? []
        #expect(resources.compactMap { $0["name"]?.stringValue } == ["widgets", "widgets/echo"])
        #expect(
            resources.first?["verbs"] == [
                "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
            ])
        #expect(resources.first?["shortNames"] == ["wd"])
        #expect(resources.last?["verbs"] == ["get"])
        let group = try await api.send(.GET, "/apis", Self.aggregated).json["items"]?.arrayValue?.first
        let resource = group?["versions"]?.arrayValue?.first?["resources"]?.arrayValue?.first
        #expect(
            resource?["verbs"] == ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"])
        #expect(resource?["subresources"]?.arrayValue?.first?["subresource"] == "echo")
    }

    @Test func d04WatchCanBeServedWithoutBeingTold() async throws {
        let description = ResourceDescription(
            plural: "widgets", singular: "widget", kind: "Widget", unadvertisedVerbs: [.watch])
        let api = WidgetAPI(InMemoryStorage(description: description))
        let verbs = try await api.send(.GET, "/apis/example.io/v1").json["resources"]?.arrayValue?.first?["verbs"]
        #expect(verbs == ["create", "delete", "deletecollection", "get", "list", "patch", "update"])
        api.storage.put("w1")
        try await api.watch(WidgetAPI.widgets + "?watch=true") { (lines: inout WidgetAPI.Lines) async throws in
            #expect(try await lines.summary() == "ADDED w1@101")
        }
    }

    @Test func theRootListsTheOtherPathsTooIndentedForPeople() async throws {
        let answer = try await api.send(.GET, "/", ["user-agent": "curl/8.5"])
        #expect(answer.json["paths"] == ["/apis", "/apis/example.io", "/apis/example.io/v1", "/healthz"])
        #expect(answer.text.hasPrefix("{\n  \"paths\": ["))
    }
}
