import APIMachinery
import NIOHTTP1
import TestSupport
import Testing

@testable import ProfilesAPI

/// R09: server-side apply of captures and profiles, and who owns what of them.
struct CaptureApplyTests {
    private static let path = "\(TestAPI.captures)/now?fieldManager=argo"
    private static let spec: JSONObject = ["target": ["podName": "web-1"], "types": ["heap", "cpu"]]

    private static func apply(_ api: TestAPI, _ path: String, _ object: JSONValue, user: String = "alice")
        async throws -> Answer
    {
        try await api.send(
            .PATCH, path, ["content-type": "application/apply-patch+yaml"], user: user, body: object.encoded())
    }

    private static func object(_ spec: JSONObject, labels: JSONObject = [:]) -> JSONValue {
        [
            "apiVersion": "profefe.io/v1", "kind": "ProfileCapture",
            "metadata": ["name": "now", "labels": .object(labels)], "spec": .object(spec),
        ]
    }

    private func with(runs: Bool = false, _ body: @escaping @Sendable (TestAPI) async throws -> Void) async throws {
        var options = TestAPI.Options()
        options.runs = runs
        try await TestAPI.with(options, body)
    }

    private static func managers(_ answer: Answer) -> [String] {
        (answer.json.at("metadata/managedFields")?.arrayValue ?? []).map {
            [$0["manager"], $0["operation"], $0["subresource"]].compactMap { $0?.stringValue }.joined(separator: " ")
        }
    }

    @Test func r09ACaptureIsMadeByAnApplyAndTheSameApplyChangesNothing() async throws {
        try await with { api in
            let first = try await Self.apply(api, Self.path, Self.object(Self.spec, labels: ["a": "b"]))
            #expect(first.status == 201)
            #expect(first.json.at("spec/duration") == "30s")
            #expect(first.json.at("status/phase") == "Pending")
            #expect(Self.managers(first) == ["argo Apply"])
            api.set(TestAPI.start.adding(.seconds(60)))
            let again = try await Self.apply(api, Self.path, Self.object(Self.spec, labels: ["a": "b"]))
            #expect(again.status == 200)
            #expect(again.text == first.text)
        }
    }

    @Test func r09LabelsOfSeveralOwnersAndAnImmutableSpec() async throws {
        try await with { api in
            _ = try await Self.apply(api, Self.path, Self.object(Self.spec, labels: ["a": "1"]))
            let patched = try await api.send(
                .PATCH, "\(TestAPI.captures)/now?fieldManager=kubectl-label",
                ["content-type": "application/merge-patch+json"],
                body: Array(#"{"metadata":{"labels":{"b":"2"}}}"#.utf8))
            #expect(Self.managers(patched) == ["argo Apply", "kubectl-label Update"])
            let conflict = try await Self.apply(api, Self.path, Self.object(Self.spec, labels: ["b": "3"]))
            #expect(conflict.status == 409)
            #expect(
                conflict.message
                    == #"Apply failed with 1 conflict: conflict with "kubectl-label" using profefe.io/v1: .metadata.labels.b"#
            )
            let forced = try await Self.apply(
                api, Self.path + "&force=true", Self.object(Self.spec, labels: ["b": "3"]))
            #expect(forced.json.at("metadata/labels") == ["b": "3"])
            #expect(forced.json.at("metadata/generation") == 1)
            var other = Self.spec
            other["types"] = ["heap"]
            let immutable = try await Self.apply(api, Self.path, Self.object(other, labels: ["b": "3"]))
            #expect(immutable.status == 422 && immutable.causes == ["spec.types"])
            // What has a default can be left out: it comes back the same.
            var full = Self.spec
            full["parallelism"] = 5
            #expect(try await Self.apply(api, Self.path, Self.object(full, labels: ["b": "3"])).status == 200)
            let left = try await Self.apply(api, Self.path, Self.object(Self.spec, labels: ["b": "3"]))
            #expect(left.status == 200 && left.json.at("spec/parallelism") == 5)
        }
    }

    /// The server's own writes stand beside the clients', as those of a controller do.
    @Test func theStatusIsTheServers() async throws {
        try await with(runs: true) { api in
            _ = try await Self.apply(api, Self.path, Self.object(Self.spec))
            let ended = try await api.watch("\(TestAPI.captures)?watch=1") { events -> JSONValue? in
                while let event = await events.next() {
                    if event["object"]?["status"]?["phase"] == "Failed" { return event["object"] }
                }
                return nil
            }
            let entries = try #require(ended?["metadata"]?["managedFields"]?.arrayValue)
            let own = try #require(entries.first { $0["subresource"] == "status" })
            #expect(own["manager"] == "profefe-apiserver" && own["operation"] == "Update")
            #expect(own["fieldsV1"]?["f:status"]?["f:phase"] == [:])
            #expect(own["fieldsV1"]?["f:status"]?["f:conditions"]?[#"k:{"type":"Accepted"}"#] != nil)
            #expect(entries.contains { $0["manager"] == "argo" })
            // And an apply of the object leaves it alone.
            let again = try await Self.apply(api, Self.path, Self.object(Self.spec))
            #expect(again.status == 200 && again.json.at("status/phase") == "Failed")
            #expect(again.json == ended)
        }
    }

    /// Profiles that are uploaded carry no managed fields: nobody applied them, and there are many.
    @Test func anUploadIsNotTrackedUntilSomebodyAppliesIt() async throws {
        try await TestAPI.with { api in
            let uploaded = try await api.send(
                .POST, "\(TestAPI.shop)/profileservices/web/profiles?type=heap",
                body: try ProfileFixture.heap.bytes)
            #expect(uploaded.status == 201 && uploaded.json.at("metadata/managedFields") == nil)
            let path = "\(TestAPI.profiles)/\(uploaded.name)"
            let labeled = try await api.send(
                .PATCH, path, ["content-type": "application/merge-patch+json"],
                body: Array(#"{"metadata":{"labels":{"x":"y"}}}"#.utf8))
            #expect(labeled.status == 200 && labeled.json.at("metadata/managedFields") == nil)
            let applied = try await Self.apply(
                api, path + "?fieldManager=argo",
                [
                    "apiVersion": "profefe.io/v1", "kind": "Profile",
                    "metadata": ["name": .string(uploaded.name), "labels": ["team": "shop"]],
                ])
            #expect(applied.status == 200, "\(applied.text)")
            #expect(Self.managers(applied) == ["argo Apply", "before-first-apply Update"])
            #expect(applied.json.at("metadata/labels/x") == "y")
        }
    }

    /// `kubectl apply --server-side -f profile.yaml`, twice: the bytes are never returned, so nobody owns them.
    @Test func aProfileIsAppliedTwice() async throws {
        let sent = try profileObject(.heap, labels: ["team": "shop"])
        try await TestAPI.with { api in
            var object = try #require(sent.objectValue)
            var metadata = object["metadata"]?.objectValue ?? [:]
            metadata["name"] = "c8d1q2g3h4j5k6l7m8n0"
            object["metadata"] = .object(metadata)
            let path = "\(TestAPI.profiles)/c8d1q2g3h4j5k6l7m8n0?fieldManager=argo"
            let first = try await Self.apply(api, path, .object(object))
            #expect(first.status == 201, "\(first.text)")
            let fields = first.json.at("metadata/managedFields")?.arrayValue?.first?["fieldsV1"]
            #expect(fields?["f:spec"]?["f:service"] == [:] && fields?["f:spec"]?["f:data"] == nil)
            let again = try await Self.apply(api, path, .object(object))
            #expect(again.status == 200 && again.text == first.text, "\(again.text)")
        }
    }
}
