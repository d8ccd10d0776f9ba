import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// Q01, Q02: conformance section 4, and every case of k8s.io/apiserver's `requestinfo_test.go`.
struct RequestInfoTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var method: HTTPMethod = .GET
        let target: String
        let verb: String
        var prefix = "apis"
        var group = "g"
        var version = "v1"
        var namespace = ""
        var resource = ""
        var subresource = ""
        var name = ""
        var parts: [String]?
        var testDescription: String { "\(method) \(target)" }
    }

    static func parse(_ method: HTTPMethod, _ target: String) throws -> RequestInfo {
        let target = try RequestTarget(target)
        let query = target.query.map { QueryItems(parsing: $0) } ?? QueryItems()
        return try RequestInfo(method: method, target: target, query: query)
    }

    /// A path of the core group, as upstream's table has them.
    static func core(
        _ method: HTTPMethod, _ path: String, _ verb: String, _ namespace: String, _ resource: String,
        _ subresource: String, _ name: String, _ parts: [String]
    ) -> Case {
        Case(
            method: method, target: "/api/v1/\(path)", verb: verb, prefix: "api", group: "", namespace: namespace,
            resource: resource, subresource: subresource, name: name, parts: parts)
    }

    static let upstream: [Case] = [
        core(.GET, "namespaces", "list", "", "namespaces", "", "", ["namespaces"]),
        core(.GET, "namespaces/other", "get", "other", "namespaces", "", "other", ["namespaces", "other"]),
        core(.GET, "namespaces/other/pods", "list", "other", "pods", "", "", ["pods"]),
        core(.GET, "namespaces/other/pods/foo", "get", "other", "pods", "", "foo", ["pods", "foo"]),
        core(.HEAD, "namespaces/other/pods/foo", "get", "other", "pods", "", "foo", ["pods", "foo"]),
        core(.GET, "pods", "list", "", "pods", "", "", ["pods"]),
        core(.HEAD, "pods", "list", "", "pods", "", "", ["pods"]),
        core(.PATCH, "namespaces/new", "patch", "new", "namespaces", "", "new", ["namespaces", "new"]),
        core(.GET, "proxy/namespaces/other/pods/foo", "proxy", "other", "pods", "", "foo", ["pods", "foo"]),
        core(
            .GET, "proxy/namespaces/other/pods/foo/subpath/not/a/subresource", "proxy", "other", "pods", "", "foo",
            ["pods", "foo", "subpath", "not", "a", "subresource"]),
        core(.GET, "watch/pods", "watch", "", "pods", "", "", ["pods"]),
        core(.GET, "pods?watch=true", "watch", "", "pods", "", "", ["pods"]),
        core(.GET, "pods?watch=false", "list", "", "pods", "", "", ["pods"]),
        core(.GET, "watch/namespaces/other/pods", "watch", "other", "pods", "", "", ["pods"]),
        core(.GET, "namespaces/other/pods?watch=1", "watch", "other", "pods", "", "", ["pods"]),
        core(.GET, "namespaces/other/pods?watch=0", "list", "other", "pods", "", "", ["pods"]),
        core(
            .GET, "namespaces/other/pods/foo/status", "get", "other", "pods", "status", "foo",
            ["pods", "foo", "status"]),
        core(
            .GET, "namespaces/other/pods/foo/proxy/subpath", "get", "other", "pods", "proxy", "foo",
            ["pods", "foo", "proxy", "subpath"]),
        core(
            .PUT, "namespaces/other/finalize", "update", "other", "namespaces", "finalize", "other",
            ["namespaces", "other", "finalize"]),
        core(
            .PUT, "namespaces/other/status", "update", "other", "namespaces", "status", "other",
            ["namespaces", "other", "status"]),
        core(.PATCH, "namespaces/other/pods/foo", "patch", "other", "pods", "", "foo", ["pods", "foo"]),
        core(.DELETE, "namespaces/other/pods/foo", "delete", "other", "pods", "", "foo", ["pods", "foo"]),
        core(.POST, "namespaces/other/pods", "create", "other", "pods", "", "", ["pods"]),
        core(.DELETE, "nodes", "deletecollection", "", "nodes", "", "", ["nodes"]),
        core(.DELETE, "namespaces", "deletecollection", "", "namespaces", "", "", ["namespaces"]),
        core(.DELETE, "namespaces/other/pods", "deletecollection", "other", "pods", "", "", ["pods"]),
        Case(
            method: .DELETE, target: "/apis/extensions/v1/namespaces/other/pods", verb: "deletecollection",
            group: "extensions", namespace: "other", resource: "pods"),
        Case(
            method: .POST, target: "/apis/extensions/v1beta3/namespaces/other/pods", verb: "create",
            group: "extensions", version: "v1beta3", namespace: "other", resource: "pods"),
    ]

    static let section4: [Case] = [
        Case(target: "/apis/g/v1/things", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/namespaces/prod/things?watch=1", verb: "watch", namespace: "prod", resource: "things"),
        Case(
            target: "/apis/g/v1/namespaces/prod/things?fieldSelector=metadata.name%3Dp1", verb: "list",
            namespace: "prod", resource: "things", name: "p1"),
        Case(
            target: "/apis/g/v1/namespaces/prod/things/p1/log", verb: "get", namespace: "prod", resource: "things",
            subresource: "log", name: "p1"),
        Case(
            method: .PATCH, target: "/apis/g/v1/namespaces/prod/things/c1/status", verb: "patch", namespace: "prod",
            resource: "things", subresource: "status", name: "c1"),
        Case(
            method: .DELETE, target: "/apis/g/v1/namespaces/prod/things", verb: "deletecollection", namespace: "prod",
            resource: "things"),
        Case(
            method: .HEAD, target: "/apis/g/v1/namespaces/p/things/p1", verb: "get", namespace: "p", resource: "things",
            name: "p1"),
        Case(
            method: .POST, target: "/apis/g/v1/namespaces/p/things/p1", verb: "create", namespace: "p",
            resource: "things", name: "p1"),
        Case(method: .OPTIONS, target: "/apis/g/v1/things", verb: "", resource: "things"),
        Case(method: .GET, target: "/apis/g/v1/things?watch=maybe", verb: "watch", resource: "things"),
        Case(method: .GET, target: "/apis/g/v1/things?watch=", verb: "watch", resource: "things"),
        Case(method: .GET, target: "/apis/g/v1/things?watch", verb: "watch", resource: "things"),
        Case(method: .GET, target: "/apis/g/v1/things?watch=FALSE", verb: "list", resource: "things"),
        Case(method: .GET, target: "/apis/g/v1/things?watch=0&watch=1", verb: "list", resource: "things"),
        Case(method: .GET, target: "/apis/g/v1/things/a?watch=1", verb: "get", resource: "things", name: "a"),
        Case(method: .GET, target: "/apis/g/v1/watch/things/a", verb: "watch", resource: "things", name: "a"),
        // Empty segments inside stay and count; those at the ends don't.
        Case(target: "/apis/g/v1/namespaces//things", verb: "list", resource: "things"),
        Case(target: "//apis/g/v1/things//", verb: "list", resource: "things"),
        Case(target: "/apis//v1/things", verb: "list", group: "", resource: "things"),
        Case(target: "/apis/g/v1/things//status", verb: "list", resource: "things", subresource: "status"),
        // One segment can become two, and then counts as two: for authorization and routing alike (Q02).
        Case(
            target: "/apis/g/v1/namespaces/x/things/a%2Fb", verb: "get", namespace: "x", resource: "things",
            subresource: "b", name: "a"),
        Case(target: "/apis/g/v1%2fthings", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things/a%252Fb", verb: "get", resource: "things", name: "a%2Fb"),
        Case(target: "/apis/g/v1/things/..", verb: "get", resource: "things", name: ".."),
        Case(target: "/apis/g/v1/things/%2e%2E", verb: "get", resource: "things", name: ".."),
        Case(target: "/apis/g/v1/things/a%00b", verb: "get", resource: "things", name: "a\0b"),
        Case(target: "/apis/g/v1/things/a+b", verb: "get", resource: "things", name: "a+b"),
        Case(target: "https://host:6443/apis/g/v1/things/a", verb: "get", resource: "things", name: "a"),
        // Names by field selector: list and watch only, legal segments only, and only if all list options are well-formed.
        Case(
            target: "/apis/g/v1/things?watch=1&fieldSelector=metadata.name=n", verb: "watch", resource: "things",
            name: "n"),
        Case(
            target: "/apis/g/v1/things?fieldSelector=metadata.name=n,x=y", verb: "list", resource: "things", name: "n"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name!=n", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=foo=bar", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name=n,foo", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name=n,foo&watch=1", verb: "watch", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name=..", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name=a%2Fb", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name=a%25b", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name=n&limit=x", verb: "list", resource: "things"),
        Case(target: "/apis/g/v1/things?fieldSelector=metadata.name=n&limit=", verb: "list", resource: "things"),
        Case(
            target: "/apis/g/v1/things?fieldSelector=metadata.name=n&labelSelector=(", verb: "list", resource: "things"),
        Case(
            method: .DELETE, target: "/apis/g/v1/things?fieldSelector=metadata.name=n", verb: "deletecollection",
            resource: "things"),
    ]

    @Test(arguments: upstream + section4)
    func readsResourcePathsAsKubeAPIServerDoes(_ expected: Case) throws {
        let info = try Self.parse(expected.method, expected.target)
        #expect(info.isResourceRequest)
        #expect(info.verb == expected.verb)
        #expect(info.apiPrefix == expected.prefix)
        #expect(info.group == expected.group)
        #expect(info.version == expected.version)
        #expect(info.namespace == expected.namespace)
        #expect(info.resource == expected.resource)
        #expect(info.subresource == expected.subresource)
        #expect(info.name == expected.name)
        if let parts = expected.parts { #expect(info.parts == parts) }
    }

    @Test(arguments: [
        "/", "/api", "/api/version/", "/apis", "/apis/", "/apis/group", "/apis/group/version/",
        "/badprefix/version/resource",
        "/apis/version/resource", "/not-api/version/resource", "/apis/extensions/v1beta1", "/api/version", "/healthz",
        "/readyz/ping", "/metrics", "/APIS/g/v1/things", "*",
    ])
    func takesOtherPathsAsNoResource(_ path: String) throws {
        let info = try Self.parse(.POST, path)
        #expect(!info.isResourceRequest)
        #expect(info.verb == "post")
        #expect(info.path == path)
        #expect(info.resource.isEmpty && info.name.isEmpty && info.namespace.isEmpty)
    }

    @Test(arguments: ["/apis/g/v1/watch", "/apis/g/v1/proxy", "/api/v1/watch/"])
    func refusesSpecialVerbsOfNothing(_ path: String) {
        #expect(throws: RequestInfo.Unresolvable.self) { try Self.parse(.GET, path) }
    }

    @Test func keepsSelectorsOfCollectionsAsSent() throws {
        let list = try Self.parse(.GET, "/apis/g/v1/things?labelSelector=a%3Db&fieldSelector=(broken")
        #expect(list.labelSelectorText == "a=b")
        #expect(list.fieldSelectorText == "(broken")
        let get = try Self.parse(.GET, "/apis/g/v1/things/a?labelSelector=a%3Db")
        #expect(get.labelSelectorText.isEmpty)
        let old = try Self.parse(.GET, "/apis/g/v1/watch/things?labelSelector=a%3Db")
        #expect(old.labelSelectorText.isEmpty)
        let many = try Self.parse(.DELETE, "/apis/g/v1/things?labelSelector=a%3Db")
        #expect(many.labelSelectorText == "a=b")
    }

    @Test(arguments: [
        ("/apis/g/v1/things?watch=1", true), ("/apis/g/v1/things/a/log", true), ("/apis/g/v1/things/a/proxy/x", true),
        ("/apis/g/v1/things/a/exec", true), ("/apis/g/v1/things/a/attach", true), ("/apis/g/v1/proxy/things/a", true),
        ("/apis/g/v1/things/a/portforward", true), ("/apis/g/v1/things/a/download", false),
        ("/apis/g/v1/things", false), ("/logs/log/log/log/log", false), ("/healthz", false),
    ])
    func knowsWhatMayRunLong(_ path: String, _ expected: Bool) throws {
        #expect(try Self.parse(.GET, path).isLongRunning == expected)
    }
}
