import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// Server-side apply beyond what the recordings of kube-apiserver show (conformance 8.7).
struct ApplyHandlerTests {
    private static let path = GadgetAPI.gadgets + "/g?fieldManager=m1"
    private static func object(_ spec: String, _ metadata: String = "") -> String {
        #"{"apiVersion":"example.io/v1","kind":"Gadget","metadata":{"name":"g"\#(metadata)},"spec":\#(spec)}"#
    }

    /// Z05: the right to patch is none to create.
    @Test func z05AnApplyThatCreatesNeedsTheRightToCreate() async throws {
        let api = GadgetAPI(mayCreate: false)
        let refused = try await api.send(.PATCH, Self.path, body: Self.object(#"{"size":1}"#))
        #expect(refused.status == 403)
        #expect(
            refused.message
                == #"gadgets.example.io "g" is forbidden: User "system:anonymous" cannot create resource "gadgets" in API group "example.io" in the namespace "prod""#
        )
        #expect(api.storage[ObjectKey(namespace: "prod", name: "g")] == nil)
        // What is wrong with the object is told before.
        let wrong = try await api.send(.PATCH, Self.path, body: Self.object(#"{"bogus":1}"#))
        #expect(wrong.status == 400 && wrong.message.hasSuffix(".spec.bogus: field not declared in schema"))
    }

    @Test func severalFaultsAreToldAtOnce() async throws {
        let answer = try await GadgetAPI().send(
            .PATCH, Self.path, body: Self.object(#"{"size":"x","bogus":1,"tags":["a","a"]}"#))
        #expect(answer.status == 400)
        for fault in [
            ".spec.size: expected numeric (int or float), got string", ".spec.bogus: field not declared in schema",
            #".spec.tags: duplicate entries for key [="a"]"#,
        ] { #expect(answer.message.contains(fault), "\(answer.message)") }
    }

    /// W/R03: nothing is kept of a dry run.
    @Test func r03ADryRunStoresNothing() async throws {
        let api = GadgetAPI()
        let answer = try await api.send(.PATCH, Self.path + "&dryRun=All", body: Self.object(#"{"size":1}"#))
        #expect(answer.status == 201 && answer.version.isEmpty)
        #expect(answer.json["metadata"]?["managedFields"]?.arrayValue?.count == 1)
        #expect(api.storage[ObjectKey(namespace: "prod", name: "g")] == nil)
    }

    @Test func anApplyThatChangesNothingWritesNothing() async throws {
        let api = GadgetAPI()
        let first = try await api.send(.PATCH, Self.path, body: Self.object(#"{"size":1,"tags":["a"]}"#))
        api.set(seconds: 60)
        let second = try await api.send(.PATCH, Self.path, body: Self.object(#"{"tags":["a"],"size":1}"#))
        #expect(first.status == 201 && second.status == 200)
        #expect(second.text == first.text)
    }

    /// Other people's edits of the managed fields themselves: an empty list forgets, as `[{}]` does.
    @Test func anEmptyListOfManagedFieldsForgets() async throws {
        let api = GadgetAPI()
        _ = try await api.send(.PATCH, Self.path, body: Self.object(#"{"size":1}"#))
        let forgotten = try await api.send(
            .PATCH, Self.path, type: "application/merge-patch+json", body: #"{"metadata":{"managedFields":[]}}"#)
        #expect(forgotten.status == 200 && forgotten.json["metadata"]?["managedFields"] == nil)
        let updated = try await api.send(
            .PATCH, Self.path, type: "application/merge-patch+json", body: #"{"spec":{"size":2}}"#)
        #expect(updated.status == 200 && updated.json["metadata"]?["managedFields"] == nil)
    }

    @Test(arguments: [
        (#"{"manager":"\#(String(repeating: "x", count: 129))"}"#, "metadata.managedFields[0].manager"),
        (#"{"manager":"a\u0007"}"#, "metadata.managedFields[0].manager"),
        (#"{"subresource":"\#(String(repeating: "x", count: 257))"}"#, "metadata.managedFields[0].subresource"),
    ])
    func entriesWithImpossibleNamesAre422(_ members: String, _ field: String) async throws {
        let api = GadgetAPI()
        _ = try await api.send(.PATCH, Self.path, body: Self.object(#"{"size":1}"#))
        var entry: JSONObject = [
            "manager": "m", "operation": "Apply", "apiVersion": "example.io/v1", "fieldsType": "FieldsV1",
            "fieldsV1": ["f:spec": ["f:size": [:]]],
        ]
        for (name, value) in try JSONValue.parse(Array(members.utf8)).objectValue ?? [:] { entry[name] = value }
        let patch: JSONValue = ["metadata": ["managedFields": [.object(entry)]]]
        let answer = try await api.send(
            .PATCH, Self.path, type: "application/merge-patch+json",
            body: String(decoding: patch.encoded(), as: UTF8.self))
        #expect(answer.status == 422)
        #expect(answer.json["details"]?["causes"]?.arrayValue?.first?["field"]?.stringValue == field)
    }

    /// O04: what kubectl looks for before it sends an apply.
    @Test func o04OpenAPITellsThatApplyIsServed() async throws {
        let document = try await WidgetAPI().send(.GET, "/openapi/v3/apis/example.io/v1").json
        let patch = document["paths"]?["/apis/example.io/v1/namespaces/{namespace}/widgets/{name}"]?["patch"]
        #expect(
            patch?["requestBody"]?["content"]?.objectValue?.keys.sorted() == [
                "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
            ])
        let parameters = (patch?["parameters"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        for name in ["dryRun", "fieldManager", "fieldValidation", "force"] { #expect(parameters.contains(name)) }
        #expect(patch?["x-kubernetes-group-version-kind"]?["kind"] == "Widget")
        #expect(patch?["x-kubernetes-action"] == "patch")
        #expect(patch?["responses"]?.objectValue?.contains("201") == true)
    }
}
