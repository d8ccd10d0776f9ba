import APIMachinery
import Testing

/// D01, D03, D04: discovery documents (conformance 6).
struct DiscoveryDocumentsTests {
    static let profile = GroupVersionKind(group: "profefe.io", version: "v1", kind: "Profile")

    static func documents(verbs: [String] = ["watch", "get", "list"]) -> DiscoveryDocuments {
        DiscoveryDocuments(
            profile.groupVersion,
            resources: [
                APIResourceDescription(
                    plural: "profiles", singular: "profile", kind: "Profile", shortNames: ["prof"],
                    categories: ["profefe"], verbs: verbs,
                    subresources: [
                        SubresourceDescription(name: "status", kind: profile, verbs: ["update", "get"]),
                        SubresourceDescription(
                            name: "scale", kind: GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"),
                            verbs: ["get"]),
                    ])
            ])
    }

    static func json(_ document: DiscoveryDocuments.Document) throws -> JSONValue {
        #expect(document.json.last == UInt8(ascii: "\n"))
        return try JSONValue.parse(document.json)
    }

    @Test func theResourceListIsKubernetesOwn() throws {
        let list = try Self.json(Self.documents().resourceList)
        #expect(
            list == [
                "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "profefe.io/v1",
                "resources": [
                    [
                        "name": "profiles", "singularName": "profile", "namespaced": true, "kind": "Profile",
                        "verbs": ["get", "list", "watch"], "shortNames": ["prof"], "categories": ["profefe"],
                        "storageVersionHash": list["resources"]?.arrayValue?.first?["storageVersionHash"] ?? .null,
                    ],
                    [
                        "name": "profiles/status", "singularName": "", "namespaced": true, "kind": "Profile",
                        "verbs": ["get", "update"],
                    ],
                    [
                        "name": "profiles/scale", "singularName": "", "namespaced": true, "group": "autoscaling",
                        "version": "v1", "kind": "Scale", "verbs": ["get"],
                    ],
                ],
            ])
        // printf 'profefe.io/v1/Profile' | openssl dgst -sha256 -binary | head -c 8 | base64
        #expect(list["resources"]?.arrayValue?.first?["storageVersionHash"] == "i/N+JafSZAg=")
    }

    @Test func theGroupIsTheSameAloneAndListed() throws {
        let group = try Self.json(Self.documents().group)
        let version: JSONValue = ["groupVersion": "profefe.io/v1", "version": "v1"]
        #expect(
            group == [
                "kind": "APIGroup", "apiVersion": "v1", "name": "profefe.io", "versions": [version],
                "preferredVersion": version,
            ])
        #expect(
            try Self.json(Self.documents().apis(.plain)) == [
                "kind": "APIGroupList", "apiVersion": "v1",
                "groups": [["name": "profefe.io", "versions": [version], "preferredVersion": version]],
            ])
    }

    @Test(arguments: ["v2", "v2beta1"])
    func theAggregatedFormTellsAllInOne(version: String) throws {
        let document = try Self.json(Self.documents().apis(.aggregated(version: version)))
        #expect(document["kind"] == "APIGroupDiscoveryList")
        #expect(document["apiVersion"]?.stringValue == "apidiscovery.k8s.io/\(version)")
        let group = document["items"]?.arrayValue?.first
        #expect(group?["metadata"] == ["name": "profefe.io"])
        let served = group?["versions"]?.arrayValue?.first
        #expect(served?["version"] == "v1" && served?["freshness"] == "Current")
        let kind: JSONValue = ["group": "profefe.io", "version": "v1", "kind": "Profile"]
        let resource = served?["resources"]?.arrayValue?.first
        #expect(resource?["resource"] == "profiles" && resource?["responseKind"] == kind)
        #expect(resource?["scope"] == "Namespaced" && resource?["singularResource"] == "profile")
        #expect(
            resource?["subresources"]?.arrayValue?.first
                == ["subresource": "status", "responseKind": kind, "verbs": ["get", "update"]])
    }

    @Test func theCoreGroupIsEmpty() throws {
        #expect(
            try Self.json(Self.documents().api(.plain))
                == ["kind": "APIVersions", "apiVersion": "v1", "versions": [], "serverAddressByClientCIDRs": []])
        #expect(try Self.json(Self.documents().api(.aggregated(version: "v2")))["items"] == [])
    }

    @Test func theRootListsPathsSorted() throws {
        let root = try Self.json(Self.documents().rootPaths(other: ["/livez", "/apis", "/healthz"]))
        #expect(root == ["paths": ["/apis", "/apis/profefe.io", "/apis/profefe.io/v1", "/healthz", "/livez"]])
    }

    @Test func theETagChangesWithTheDocumentOnly() {
        let etag = Self.documents().apis(.aggregated(version: "v2")).etag
        #expect(etag == Self.documents().apis(.aggregated(version: "v2")).etag)
        #expect(etag != Self.documents(verbs: ["get"]).apis(.aggregated(version: "v2")).etag)
        #expect(etag.hasPrefix("\"") && etag.hasSuffix("\"") && etag.utf8.count == 66)
    }
}
