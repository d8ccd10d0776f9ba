import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// PUT (conformance 8.5).
struct UpdateHandlerTests {
    let api = WidgetAPI()
    let path = WidgetAPI.widgets + "/w1"

    /// Widget `w1` of size 2 at version 101, generation 3.
    init() { api.storage.put(Self.stored()) }

    static func stored(_ change: (inout ObjectMeta) -> Void = { _ in }) -> InMemoryStorage.Widget {
        var metadata = ObjectMeta(name: "w1", namespace: "prod")
        metadata.uid = "uid-w1"
        metadata.generation = 3
        metadata.creationTimestamp = Timestamp(rfc3339: "2026-01-01T00:00:00Z")
        metadata.labels = ["app": "web"]
        metadata.annotations = [InMemoryStorage.ownAnnotation: "blue"]
        change(&metadata)
        return InMemoryStorage.Widget(metadata: metadata, size: 2, color: "red")
    }

    private func put(_ body: String, query: String = "", type: String = "application/json") async throws
        -> WidgetAPI.Answer
    {
        try await api.send(.PUT, path + query, ["accept": "application/json", "content-type": type], body: body)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let body: String
        let status: Int
        let message: String
        var query = ""
        var type = "application/json"
        init(_ body: String, _ status: Int, _ message: String, query: String = "", type: String = "application/json") {
            (self.body, self.status, self.message, self.query, self.type) = (body, status, message, query, type)
        }
        var testDescription: String { String(body.prefix(90)) + query }
    }

    static let invalid = #"Widget.example.io "w1" is invalid: "#
    static let conflict = #"Operation cannot be fulfilled on widgets.example.io "w1": "#
    static let refused: [Case] = [
        Case(
            #"{"metadata":{"name":"w1"},"spec":{"size":2}}"#, 422,
            invalid + "metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"0"},"spec":{"size":2}}"#, 422,
            invalid + "metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"one"},"spec":{"size":2}}"#, 422,
            invalid + #"metadata.resourceVersion: Invalid value: "one""#),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"100"},"spec":{"size":2}}"#, 409,
            conflict + "the object has been modified; please apply your changes to the latest version and try again"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"102"},"spec":{"size":2}}"#, 409,
            conflict + "the object has been modified; please apply your changes to the latest version and try again"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"101","uid":"wrong"},"spec":{"size":2}}"#, 409,
            conflict + "Precondition failed: UID in precondition: wrong, UID in object meta: uid-w1"),
        Case(
            #"{"metadata":{"name":"w2","resourceVersion":"101"},"spec":{}}"#, 400,
            "the name of the object (w2) does not match the name on the URL (w1)"),
        Case(
            #"{"metadata":{"resourceVersion":"101"},"spec":{}}"#, 400,
            "the name of the object (w1 based on URL) was undeterminable: name must be provided"),
        Case(
            #"{"metadata":{"name":"w1","namespace":"test","resourceVersion":"101"},"spec":{}}"#, 400,
            "the namespace of the provided object does not match the namespace sent on the request"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"101","deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"size":2}}"#,
            422, invalid + #"metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is immutable"#),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"101","labels":{"-x":"y"}},"spec":{"size":2}}"#, 422,
            invalid + "metadata.labels: Invalid value"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"101"},"spec":{"size":1}}"#, 422,
            invalid + "spec.size: Invalid value: 1: must not shrink"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"101"},"spec":{"size":"x"}}"#, 422,
            invalid + "spec.size: Invalid value"),
        Case(#"{"metadata":{"name":"w1","resourceVersion":"101"}}"#, 422, invalid + "spec: Required value"),
        Case("", 400, "the object provided is unrecognized (must be of type Widget): "),
        Case("[]", 400, "the object provided is unrecognized (must be of type Widget): "),
        Case(
            #"{"apiVersion":"example.io/v2","kind":"Widget","metadata":{"name":"w1"}}"#, 400,
            "the API version in the data (example.io/v2) does not match the expected API version (example.io/v1)"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"101"},"spec":{"x":1}}"#, 400,
            #"Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.x""#,
            query: "?fieldValidation=Strict"),
        Case("{}", 422, #"UpdateOptions.meta.k8s.io "" is invalid: dryRun: "#, query: "?dryRun=some"),
        Case(
            "{}", 422, #"UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: "#, query: "?fieldValidation=bogus"),
        Case(
            "{}", 415,
            "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml",
            type: "application/merge-patch+json"),
    ]

    @Test(arguments: refused)
    func r05WhatCantBeAnUpdateIsRefusedInKubeApiserversWords(_ example: Case) async throws {
        let answer = try await put(example.body, query: example.query, type: example.type)
        #expect(answer.status == example.status)
        #expect(answer.message.hasPrefix(example.message), "\(answer.message)")
        #expect(api.storage.currentVersion == ResourceVersion(101))
    }

    @Test func r05WhatTheClientLeavesOutAndMayNotSayIsRestored() async throws {
        // As kubectl replace sends it: neither uid nor creationTimestamp.
        let body = """
            {"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"w1","resourceVersion":"101","generation":1,
            "creationTimestamp":"2000-01-01T00:00:00Z","labels":{"app":"shop"}},"spec":{"size":5}}
            """
        let answer = try await put(body)
        #expect(answer.status == 200)
        #expect(answer.json["spec"] == ["size": 5, "color": "red"])
        #expect(
            answer.json["metadata"] == [
                "name": "w1", "namespace": "prod", "uid": "uid-w1", "resourceVersion": "102", "generation": 4,
                "creationTimestamp": "2026-01-01T00:00:00Z", "labels": ["app": "shop"],
                "annotations": [.init(InMemoryStorage.ownAnnotation): "blue"],
            ] as JSONValue)
        #expect(answer.warnings == [#"299 - "color-of-the-server stays""#])
        #expect(try await api.send(.GET, path, .json).json == answer.json)
    }

    @Test func r06OnlyAChangeOfTheSpecCountsTheGenerationUp() async throws {
        let labels = try await put(
            #"{"metadata":{"name":"w1","resourceVersion":"101","labels":{"a":"b"}},"spec":{"size":2}}"#)
        #expect(labels.json["metadata"]?["generation"] == 3)
        let size = try await put(
            #"{"metadata":{"name":"w1","resourceVersion":"102","labels":{"a":"b"}},"spec":{"size":3}}"#)
        #expect(size.json["metadata"]?["generation"] == 4)
    }

    @Test func r05AnUpdateThatChangesNothingKeepsTheVersionAndMakesNoEvent() async throws {
        let present = try await api.send(.GET, path, .json)
        // The same in another order, with a default left out, and with fields that are the server's.
        let same = """
            {"spec":{"size":2},"metadata":{"annotations":{"color-of-the-server":"blue"},"labels":{"app":"web"},
            "resourceVersion":"101","name":"w1","generation":99,"managedFields":[{"manager":"x"}]},"status":{"x":1}}
            """
        for body in [present.text, same] {
            let answer = try await put(body)
            #expect(answer.status == 200)
            #expect(answer.json == present.json)
        }
        #expect(api.storage.currentVersion == ResourceVersion(101))
    }

    @Test func r03ADryRunAnswersAsIfAndKeepsNothing() async throws {
        let answer = try await put(
            #"{"metadata":{"name":"w1","resourceVersion":"101"},"spec":{"size":7}}"#, query: "?dryRun=All")
        #expect(answer.status == 200)
        #expect(answer.json["spec"]?["size"] == 7)
        #expect(answer.version == "101")
        #expect(api.storage.currentVersion == ResourceVersion(101))
    }

    @Test func anObjectThatIsNotThereIsA404() async throws {
        let answer = try await api.send(
            .PUT, WidgetAPI.widgets + "/w2", .json, body: #"{"metadata":{"name":"w2","resourceVersion":"1"},"spec":{}}"#
        )
        #expect(answer.status == 404)
        #expect(answer.message == #"widgets.example.io "w2" not found"#)
    }

    @Test func r16ABodyThatIsTooLargeIs413() async throws {
        let answer = try await put(#"{"metadata":{"name":""# + String(repeating: "x", count: 3 << 20))
        #expect(answer.status == 413)
        #expect(answer.message == "Request entity too large: limit is 3145728")
    }

    @Test func theAnswerComesInTheFormThatIsAskedFor() async throws {
        let body = #"{"metadata":{"name":"w1","resourceVersion":"101"},"spec":{"size":2}}"#
        let table = try await api.send(.PUT, path, .table, body: body)
        #expect(table.json["kind"] == "Table")
        let yaml = try await api.send(
            .PUT, path, ["accept": "application/yaml", "content-type": "application/yaml"],
            body: "metadata: {name: w1, resourceVersion: \"102\"}\nspec:\n  size: 9\n")
        #expect(yaml.text.contains("size: 9"))
        #expect(try await api.send(.PUT, path, ["accept": "text/csv"], body: body).status == 406)
    }

    // MARK: Objects that are going away

    private func mark(_ finalizers: [String]) {
        api.storage.put(
            Self.stored {
                $0.deletionTimestamp = Timestamp(rfc3339: "2026-01-02T00:00:00Z")
                $0.deletionGracePeriodSeconds = 0
                $0.finalizers = finalizers
            })
    }

    @Test func noFinalizerCanBeAddedWhileTheObjectGoes() async throws {
        mark(["example.io/a"])
        let answer = try await put(
            #"{"metadata":{"name":"w1","resourceVersion":"102","finalizers":["example.io/a","example.io/b"]},"spec":{"size":2}}"#
        )
        #expect(answer.status == 422)
        #expect(
            answer.message == Self.invalid
                + "metadata.finalizers: Forbidden: no new finalizers can be added if the object is "
                + #"being deleted, found new finalizers []string{"example.io/b"}"#)
    }

    @Test func theLastFinalizerTakesTheObjectWithItAndItsLastStateIsAnswered() async throws {
        mark(["example.io/a", "example.io/b"])
        let fewer = try await put(
            #"{"metadata":{"name":"w1","resourceVersion":"102","finalizers":["example.io/b"]},"spec":{"size":2}}"#)
        #expect(fewer.json["metadata"]?["finalizers"] == ["example.io/b"])
        #expect(fewer.json["metadata"]?["deletionTimestamp"] == "2026-01-02T00:00:00Z")
        let last = try await put(#"{"metadata":{"name":"w1","resourceVersion":"103"},"spec":{"size":2}}"#)
        #expect(last.status == 200)
        #expect(last.json["metadata"]?["finalizers"] == nil)
        #expect(last.json["metadata"]?["deletionTimestamp"] == "2026-01-02T00:00:00Z")
        #expect(last.version == "104")
        #expect(try await api.send(.GET, path, .json).status == 404)
    }
}
