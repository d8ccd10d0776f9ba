import APIMachinery
import NIOHTTP1
import TestSupport
import Testing

@testable import ProfilesAPI

/// Update and patch of profiles: labels, annotations, finalizers and ownerReferences, nothing else.
struct ProfileUpdateTests {
    private func with(_ body: @escaping @Sendable (TestAPI, _ path: String, Answer) async throws -> Void) async throws {
        let object = try profileObject(.heap, labels: ["team": "shop"])
        try await TestAPI.with { api in
            let created = try await api.create(TestAPI.profiles, object)
            try await body(api, "\(TestAPI.profiles)/\(created.name)", created)
        }
    }

    private static func patch(_ api: TestAPI, _ path: String, _ body: String) async throws -> Answer {
        try await api.send(.PATCH, path, ["content-type": "application/merge-patch+json"], body: Array(body.utf8))
    }

    @Test func theFourMembersOfMetadataCanBeChangedAndTheRestStays() async throws {
        try await with { api, path, created in
            let answer = try await Self.patch(
                api, path,
                """
                {"metadata":{"labels":{"team":null,"incident":"42"},"annotations":{"note":"look here"},"generateName":"x-",
                "finalizers":["example.io/keep"],"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u"}]}}
                """)
            #expect(answer.status == 200)
            #expect(answer.json.at("metadata/labels/incident") == "42")
            #expect(answer.json.at("metadata/labels/team") == nil)
            #expect(answer.json.at("metadata/annotations") == ["note": "look here"])
            #expect(answer.json.at("metadata/finalizers") == ["example.io/keep"])
            #expect(answer.json.at("metadata/ownerReferences")?.arrayValue?.count == 1)
            #expect(answer.json.at("metadata/generateName") == nil)
            #expect(answer.json.at("metadata/generation") == 1)
            #expect(answer.json.at("spec") == created.json.at("spec"))
            #expect(answer.json.at("status") == created.json.at("status"))
            let selected = try await api.send(
                .GET, "\(TestAPI.profiles)?labelSelector=incident%3D42,profefe.io/type%3Dheap")
            #expect(selected.names == [created.name])
            // The bytes, the Table row and the selectable fields are those of the creation.
            #expect(try await api.send(.GET, "\(path)/download").body == (try ProfileFixture.heap.bytes))
            #expect(try await api.send(.GET, path, .table).rows.first?.first == created.name)
            #expect(
                try await api.send(.GET, "\(TestAPI.profiles)?fieldSelector=spec.service%3Dfrontend").names == [
                    created.name
                ])
        }
    }

    @Test func theServersLabelsStayWithAWarning() async throws {
        try await with { api, path, created in
            let answer = try await Self.patch(
                api, path,
                #"{"metadata":{"labels":{"profefe.io/type":"cpu","profefe.io/mine":"x","profefe.io/service":null}}}"#)
            #expect(answer.status == 200)
            #expect(answer.json == created.json)
            #expect(answer.warnings.count == 2)
            #expect(answer.warnings.first?.contains("left as it was") == true)
        }
    }

    /// R05: an object without the server's labels, as a file may have it.
    @Test func whatIsReadCanBeSentBackAndWhatIsLeftOutIsRestored() async throws {
        try await with { api, path, created in
            #expect(try await api.send(.PUT, path, body: created.body).json == created.json)
            var object = try #require(created.json.objectValue)
            object["metadata"] = [
                "name": .string(created.name), "labels": ["team": "bank"],
                "resourceVersion": try #require(created.json.at("metadata/resourceVersion")),
            ]
            object["status"] = nil
            let answer = try await api.send(.PUT, path, body: JSONValue.object(object).encoded())
            #expect(answer.status == 200)
            #expect(answer.warnings.isEmpty)
            #expect(answer.json.at("metadata/labels/team") == "bank")
            #expect(answer.json.at("metadata/labels")?["profefe.io/type"] == "heap")
            #expect(answer.json.at("metadata/uid") == created.json.at("metadata/uid"))
            #expect(answer.json.at("status") == created.json.at("status"))
        }
    }

    @Test(arguments: [
        (#"{"spec":{"service":"other"}}"#, "spec.service"), (#"{"spec":{"labels":[{"key":"a"}]}}"#, "spec.labels"),
        (#"{"spec":{"instance":"x"}}"#, "spec.instance"), (#"{"spec":{"data":"AAAA"}}"#, "spec.data"),
        (#"{"spec":{"type":"spam"}}"#, "spec.type"),
    ])
    func theSpecIsImmutable(_ patch: String, _ field: String) async throws {
        try await with { api, path, created in
            let answer = try await Self.patch(api, path, patch)
            #expect(answer.status == 422)
            #expect(answer.causes == [field])
            #expect(try await api.send(.GET, path).json == created.json)
        }
    }

    @Test func aFinalizerKeepsADeletedProfileUntilItIsTakenAway() async throws {
        try await with { api, path, _ in
            _ = try await Self.patch(api, path, #"{"metadata":{"finalizers":["example.io/keep"]}}"#)
            #expect(try await api.send(.DELETE, path).json.at("metadata/deletionTimestamp") != nil)
            #expect(
                try await Self.patch(api, path, #"{"metadata":{"finalizers":["a.io/b","example.io/keep"]}}"#).status
                    == 422)
            #expect(try await Self.patch(api, path, #"{"metadata":{"finalizers":null}}"#).status == 200)
            #expect(try await api.send(.GET, path).status == 404)
            #expect(try await api.send(.GET, "\(path)/download").status == 404)
        }
    }
}
