import Testing

@testable import APIMachinery

/// O01, O02, O04, O05: what the documents tell of resources (conformance 7).
struct OpenAPIDocumentsTests {
    static let collection = "/apis/profefe.io/v1/namespaces/{namespace}/profiles"
    static let one = collection + "/{name}"
    static let everywhere = "/apis/profefe.io/v1/profiles"

    struct Operation: Sendable, CustomTestStringConvertible {
        let verb: String
        let place: String
        let action: String
        let id: String
        var testDescription: String { "\(verb) \(place)" }
    }

    static let operations = [
        Operation(verb: "list", place: "\(collection) get", action: "list", id: "listProfefeIoV1NamespacedProfile"),
        Operation(
            verb: "list", place: "\(everywhere) get", action: "list", id: "listProfefeIoV1ProfileForAllNamespaces"),
        Operation(
            verb: "create", place: "\(collection) post", action: "post", id: "createProfefeIoV1NamespacedProfile"),
        Operation(
            verb: "deletecollection", place: "\(collection) delete", action: "deletecollection",
            id: "deleteProfefeIoV1CollectionNamespacedProfile"),
        Operation(verb: "get", place: "\(one) get", action: "get", id: "readProfefeIoV1NamespacedProfile"),
        Operation(verb: "update", place: "\(one) put", action: "put", id: "replaceProfefeIoV1NamespacedProfile"),
        Operation(verb: "patch", place: "\(one) patch", action: "patch", id: "patchProfefeIoV1NamespacedProfile"),
        Operation(verb: "delete", place: "\(one) delete", action: "delete", id: "deleteProfefeIoV1NamespacedProfile"),
    ]
    static let connections = [
        Operation(
            verb: "", place: "\(one)/download get", action: "connect",
            id: "connectProfefeIoV1GetNamespacedProfileDownload"),
        Operation(
            verb: "", place: "\(one)/merge get", action: "connect", id: "connectProfefeIoV1GetNamespacedProfileMerge"),
        Operation(
            verb: "", place: "\(one)/merge post", action: "connect", id: "connectProfefeIoV1PostNamespacedProfileMerge"),
    ]
    static let discovery = "/apis/profefe.io/v1/ get"

    @Test(arguments: operations, OpenAPIDialect.allCases)
    func o05EveryServedVerbHasItsOperationAndNoOtherHas(_ expected: Operation, _ dialect: OpenAPIDialect) throws {
        let operations = try OpenAPIFixture(verbs: [expected.verb]).operations(dialect)
        let operation = operations[expected.place]
        #expect(operation?["operationId"]?.stringValue == expected.id)
        #expect(operation?["x-kubernetes-action"]?.stringValue == expected.action)
        #expect(
            operation?["x-kubernetes-group-version-kind"] == [
                "group": "profefe.io", "version": "v1", "kind": "Profile",
            ])
        let places = (Self.operations.filter { $0.verb == expected.verb } + Self.connections).map(\.place)
        #expect(Set(operations.keys) == Set(places + [Self.discovery]))
    }

    @Test(arguments: connections)
    func subresourcesAreConnections(_ expected: Operation) throws {
        let operation = try OpenAPIFixture(verbs: []).operations(.v3)[expected.place]
        #expect(operation?["operationId"]?.stringValue == expected.id)
        #expect(operation?["x-kubernetes-action"]?.stringValue == expected.action)
    }

    @Test func resourcesOfTheClusterHaveNoNamespaceInPathsAndIds() throws {
        let operations = try OpenAPIFixture(namespaced: false).operations(.v3)
        #expect(operations["/apis/profefe.io/v1/profiles get"]?["operationId"] == "listProfefeIoV1Profile")
        #expect(operations["/apis/profefe.io/v1/profiles/{name} patch"]?["operationId"] == "patchProfefeIoV1Profile")
        #expect(!operations.keys.contains { $0.contains("namespace") })
    }

    @Test(arguments: OpenAPIDialect.allCases)
    func operationIdsOccurOnce(_ dialect: OpenAPIDialect) throws {
        let ids = try OpenAPIFixture().operations(dialect).values.compactMap { $0["operationId"]?.stringValue }
        #expect(ids.count == Self.operations.count + Self.connections.count + 1)
        #expect(Set(ids).count == ids.count)
    }

    @Test(arguments: OpenAPIDialect.allCases)
    func everyReferenceIsDefinedAndEveryDefinitionIsUsed(_ dialect: OpenAPIDialect) throws {
        let prefix = dialect == .v2 ? "#/definitions/" : "#/components/schemas/"
        let references = try OpenAPIFixture().json(dialect).everyValue.compactMap { $0["$ref"]?.stringValue }
        let defined = try OpenAPIFixture().definitions(dialect).keys.map { prefix + $0 }
        #expect(Set(references) == Set(defined))
    }

    @Test(arguments: OpenAPIDialect.allCases)
    func everyParameterOfAPathIsDeclared(_ dialect: OpenAPIDialect) throws {
        for (path, item) in try #require(try OpenAPIFixture().json(dialect)["paths"]?.objectValue) {
            let named = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
            let declared = (item["parameters"]?.arrayValue ?? []).filter { $0["in"] == "path" }
            #expect(Set(declared.compactMap { $0["name"]?.stringValue }) == Set(named), "\(path)")
            #expect(declared.allSatisfy { $0["required"] == true })
        }
    }

    /// kubectl trusts the server with validation and dry runs if it finds these two here.
    @Test(arguments: OpenAPIDialect.allCases)
    func o04APatchHasFieldValidationAndDryRun(_ dialect: OpenAPIDialect) throws {
        let patch = try OpenAPIFixture().operations(dialect)["\(Self.one) patch"]
        #expect(OpenAPIFixture.query(patch) == ["dryRun", "fieldManager", "fieldValidation"])
        let force = try OpenAPIFixture(patchTypes: [OpenAPIFixture.applyPatch]).operations(dialect)["\(Self.one) patch"]
        #expect(OpenAPIFixture.query(force) == ["dryRun", "fieldManager", "fieldValidation", "force"])
    }

    @Test(arguments: [
        [OpenAPIFixture.jsonPatch, OpenAPIFixture.mergePatch], [OpenAPIFixture.mergePatch], [OpenAPIFixture.applyPatch],
    ])
    func o04APatchHasExactlyTheTypesThatAreServed(_ types: [String]) throws {
        let fixture = OpenAPIFixture(patchTypes: types)
        let v3 = try fixture.operations(.v3)["\(Self.one) patch"]
        #expect(v3?["requestBody"]?["content"]?.objectValue?.keys == types)
        let v2 = try fixture.operations(.v2)["\(Self.one) patch"]
        #expect(v2?["consumes"]?.arrayValue?.compactMap(\.stringValue) == types)
    }

    @Test func withoutPatchTypesThereIsNoPatch() throws {
        #expect(try OpenAPIFixture(patchTypes: []).operations(.v3)["\(Self.one) patch"] == nil)
    }

    @Test func aListHasWatchParametersAndStreamsOnlyWhereItCanBeWatched() throws {
        let watched = try OpenAPIFixture(verbs: ["list", "watch"]).operations(.v3)["\(Self.collection) get"]
        let listed = try OpenAPIFixture(verbs: ["list"]).operations(.v3)["\(Self.collection) get"]
        let more = ["allowWatchBookmarks", "sendInitialEvents", "watch"]
        #expect(Set(OpenAPIFixture.query(watched)).subtracting(OpenAPIFixture.query(listed)) == Set(more))
        func types(_ operation: JSONValue?) -> [String] {
            operation?["responses"]?["200"]?["content"]?.objectValue?.keys ?? []
        }
        #expect(types(listed) == ["application/json", "application/yaml"])
        #expect(types(watched) == types(listed) + ["application/json;stream=watch"])
    }

    /// What a body carries and what is answered, by operation.
    @Test(arguments: [
        ("\(collection) get", "", "200", "ProfileList"), ("\(collection) post", "Profile", "201", "Profile"),
        ("\(collection) delete", "DeleteOptions", "200", "ProfileList"), ("\(one) get", "", "200", "Profile"),
        ("\(one) put", "Profile", "200", "Profile"), ("\(one) patch", "Patch", "200", "Profile"),
        ("\(one) delete", "DeleteOptions", "200", "Status"),
    ])
    func bodiesAndAnswersHaveTheirTypes(_ place: String, _ body: String, _ code: String, _ answer: String) throws {
        func name(_ schema: JSONValue?) -> String {
            schema?["$ref"]?.stringValue?.split(separator: ".").last.map(String.init) ?? ""
        }
        let v3 = try OpenAPIFixture().operations(.v3)[place]
        #expect(name(v3?["requestBody"]?["content"]?.objectValue?.first { _ in true }?.value["schema"]) == body)
        #expect(name(v3?["responses"]?[code]?["content"]?["application/json"]?["schema"]) == answer)
        let v2 = try OpenAPIFixture().operations(.v2)[place]
        #expect(name(v2?["parameters"]?.arrayValue?.first { $0["in"] == "body" }?["schema"]) == body)
        #expect(name(v2?["responses"]?[code]?["schema"]) == answer)
        #expect(v3?["responses"]?["401"] != nil && v2?["responses"]?["401"] != nil)
        let isRequired: JSONValue? = body.isEmpty ? nil : .bool(body != "DeleteOptions")
        #expect(v3?["requestBody"]?["required"] == isRequired)
    }

    @Test(arguments: OpenAPIDialect.allCases)
    func o05KindsAreToldInArraysOnDefinitions(_ dialect: OpenAPIDialect) throws {
        let definitions = try OpenAPIFixture().definitions(dialect)
        func kinds(_ name: String) -> JSONValue? { definitions[name]?["x-kubernetes-group-version-kind"] }
        func kind(_ group: String, _ kind: String) -> JSONValue {
            ["group": .string(group), "version": "v1", "kind": .string(kind)]
        }
        let package = "io.k8s.apimachinery.pkg.apis.meta.v1"
        #expect(kinds("io.profefe.v1.Profile") == [kind("profefe.io", "Profile")])
        #expect(kinds("io.profefe.v1.ProfileList") == [kind("profefe.io", "ProfileList")])
        #expect(kinds("\(package).Status") == [kind("", "Status")])
        #expect(kinds("\(package).DeleteOptions") == [kind("", "DeleteOptions"), kind("profefe.io", "DeleteOptions")])
        #expect(kinds("\(package).ObjectMeta") == nil)
    }

    @Test func aKindIsToldThoughNothingCanBeDoneWithIt() throws {
        #expect(try OpenAPIFixture(verbs: []).definitions(.v3)["io.profefe.v1.Profile"] != nil)
    }

    @Test(arguments: OpenAPIDialect.allCases)
    func everythingIsDescribed(_ dialect: OpenAPIDialect) throws {
        for (name, definition) in try OpenAPIFixture().definitions(dialect) {
            #expect(definition["description"]?.stringValue?.isEmpty == false, "\(name)")
            for (field, property) in definition["properties"]?.objectValue ?? [:] {
                #expect(property["description"]?.stringValue?.isEmpty == false, "\(name).\(field)")
            }
        }
    }

    @Test func o01TheDocumentsSayWhatTheyAre() throws {
        let v2 = try OpenAPIFixture().json(.v2)
        #expect(v2["swagger"] == "2.0")
        let v3 = try OpenAPIFixture().json(.v3)
        #expect(v3["openapi"] == "3.0.0")
        for document in [v2, v3] {
            #expect(document["info"] == ["title": "Kubernetes API group profefe.io", "version": "v1"])
        }
    }

    @Test func o02TheIndexHasTheHashOfTheDocument() throws {
        let documents = OpenAPIFixture().documents
        #expect(documents.v3.hash.utf8.count == 64)
        #expect(documents.v3.hash == documents.v3.hash.uppercased())
        #expect(
            try JSONValue.parse(documents.index.json) == [
                "paths": [
                    "apis/profefe.io/v1": [
                        "serverRelativeURL": .string("/openapi/v3/apis/profefe.io/v1?hash=\(documents.v3.hash)")
                    ]
                ]
            ])
    }

    @Test func o02TheHashFollowsFromWhatIsToldAlone() {
        let first = OpenAPIFixture().documents
        let other = OpenAPIResource(
            APIResourceDescription(plural: "others", singular: "other", kind: "Other"), schema: .resource([]))
        let version = OpenAPIFixture.groupVersion
        let resource = OpenAPIFixture().resource
        #expect(OpenAPIFixture().documents.v3 == first.v3)
        #expect(
            OpenAPIDocuments(version, resources: [resource, other]).v2
                == OpenAPIDocuments(version, resources: [other, resource]).v2)
        let changed = OpenAPIFixture(schema: OpenAPIFixture.schema.described("Another thing.")).documents
        #expect(changed.v2.hash != first.v2.hash)
        #expect(changed.v3.hash != first.v3.hash)
        #expect(changed.index.hash != first.index.hash)
    }

    @Test(arguments: [
        ("profefe.io", "listProfefeIoV1Thing", "profefeIo_v1", "io.profefe.v1.Thing"),
        (
            "rbac.authorization.k8s.io", "listRbacAuthorizationV1Thing", "rbacAuthorization_v1",
            "io.k8s.authorization.rbac.v1.Thing"
        ),
        (
            "stable.my-example.com", "listStableMyExampleComV1Thing", "stableMyExampleCom_v1",
            "com.my-example.stable.v1.Thing"
        ),
    ])
    func namesAreMadeOfTheGroup(_ group: String, _ id: String, _ tag: String, _ definition: String) throws {
        let resource = OpenAPIResource(
            APIResourceDescription(
                plural: "things", singular: "thing", kind: "Thing", namespaced: false, verbs: ["list"]),
            schema: .resource([]))
        let documents = OpenAPIDocuments(GroupVersion(group: group, version: "v1"), resources: [resource])
        let json = try JSONValue.parse(documents.v3.json)
        let list = json["paths"]?["/apis/\(group)/v1/things"]?["get"]
        #expect(list?["operationId"]?.stringValue == id)
        #expect(list?["tags"]?.arrayValue == [.string(tag)])
        #expect(json["components"]?["schemas"]?[definition] != nil)
    }
}
