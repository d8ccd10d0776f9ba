import Foundation
import TestSupport
import Testing

/// Discovery as clients and the aggregator read it. D01-D04, D06, O01, O02.
@Suite(
    .serialized, .timeLimit(.minutes(3)), .enabled(if: Tool.curl.isPresent, Tool.curl.absence), .server(), .serverLog)
struct DiscoveryTests {
    let server: RunningServer

    init() throws { server = try .shared }

    static let v2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    @Test func `D01 aggregated discovery has its exact type, an ETag and 304`() async throws {
        let first = try await server.curl("/apis", as: .nobody, "-H", "Accept: \(Self.v2),application/json")
        #expect(first.status == 200 && first.contentType == Self.v2)
        #expect(first.headers["vary"] == ["Accept"])
        #expect(
            first.json["kind"].string == "APIGroupDiscoveryList"
                && first.json["apiVersion"].string == "apidiscovery.k8s.io/v2")
        let etag = try #require(first.headers["etag"]?.first)
        let second = try await server.curl(
            "/apis", as: .nobody, "-H", "Accept: \(Self.v2),application/json", "-H", "If-None-Match: \(etag)")
        #expect(second.status == 304 && second.body.isEmpty && second.headers["etag"] == [etag])
        let other = try await server.curl(
            "/apis", as: .nobody, "-H", "Accept: \(Self.v2)", "-H", "If-None-Match: \"x\"")
        #expect(other.status == 200)
        let beta = try await server.curl(
            "/apis", as: .nobody, "-H", "Accept: \(Self.v2.replacingOccurrences(of: "v=v2", with: "v=v2beta1"))")
        #expect(beta.json["apiVersion"].string == "apidiscovery.k8s.io/v2beta1")
    }

    @Test(arguments: [
        ("/api", "APIVersions"), ("/apis", "APIGroupList"), ("/apis/", "APIGroupList"),
        ("/apis/profefe.io", "APIGroup"),
        ("/apis/profefe.io/", "APIGroup"), ("/apis/profefe.io/v1", "APIResourceList"),
        ("/apis/profefe.io/v1/", "APIResourceList"),
    ])
    func `D03 plain discovery`(_ path: String, _ kind: String) async throws {
        let answer = try await server.curl(path, as: .nobody)
        #expect(answer.status == 200 && answer.contentType == "application/json")
        #expect(answer.json["kind"].string == kind)
        #expect(answer.json["apiVersion"].string == "v1")
    }

    @Test func `D04 the verbs that are told are those that are served`() async throws {
        let document = try await server.curl("/apis", as: .nobody, "-H", "Accept: \(Self.v2)").json
        let version = document["items"][0]["versions"][0]
        #expect(
            document["items"][0]["metadata"]["name"].string == "profefe.io" && version["freshness"].string == "Current")
        let verbs = Dictionary(
            version["resources"].array.map { ($0["resource"].string ?? "", $0["verbs"].array.compactMap(\.string)) },
            uniquingKeysWith: { $1 })
        #expect(verbs["profiles"] == ["create", "delete", "deletecollection", "get", "list", "patch", "update"])
        #expect(
            verbs["profilecaptures"] == [
                "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
            ])
        #expect(verbs["profileservices"] == ["get", "list", "watch"])
        let methods = [
            "create": ("POST", false), "update": ("PUT", true), "patch": ("PATCH", true), "delete": ("DELETE", true),
        ]
        for resource in ["profiles", "profilecaptures", "profileservices"] {
            for (verb, (method, named)) in methods {
                let path = "\(RunningServer.profiles)/none/\(resource)\(named ? "/none" : "")"
                let answer = try await server.curl(
                    path, as: .admin, "--http1.1", "-X", method, "-H", "Content-Type: application/merge-patch+json",
                    "-d", "{}")
                let served = verbs[resource]?.contains(verb) == true
                #expect((answer.status != 405) == served, "\(verb) \(resource): \(answer.status)")
            }
        }
    }

    @Test func `D06 the version`() async throws {
        let version = try await server.curl("/version", as: .nobody)
        #expect(version.status == 200 && version.json["gitVersion"].string?.hasPrefix("v") == true)
        #expect(try await server.curl("/version", as: nil).status == 403)
    }

    @Test func `O01 O02 OpenAPI is there for kubectl`() async throws {
        let index = try await server.curl("/openapi/v3", as: .nobody)
        let place = try #require(index.json["paths"]["apis/profefe.io/v1"]["serverRelativeURL"].string, "\(index.text)")
        for path in [place, "/openapi/v3/apis/profefe.io/v1", "/openapi/v3/apis/profefe.io/v1?hash=bad"] {
            let document = try await server.curl(path, as: .nobody)
            #expect(document.status == 200, "\(path)")
            #expect(
                document.json["openapi"].string?.hasPrefix("3.") == true
                    && !document.json["components"]["schemas"].keys.isEmpty)
        }
        let v2 = try await server.curl("/openapi/v2", as: .nobody)
        #expect(v2.status == 200 && v2.json["swagger"].string == "2.0")
    }
}
