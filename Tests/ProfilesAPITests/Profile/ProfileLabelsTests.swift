import APIMachinery
import TestSupport
import Testing

@testable import ProfilesAPI

struct ProfileLabelsTests {
    @Test func validLabelsOfTheSpecAreLabelsOfTheObjectAndOthersAreNot() async throws {
        let spec = JSONObject([
            (
                "labels",
                [
                    ["key": "version", "value": "1.0"], ["key": "version", "value": "2.0"], ["key": "empty"],
                    ["key": "commit", "value": "not a label value"], ["key": "bad key", "value": "x"],
                    ["key": "ключ", "value": "x"],
                ]
            )
        ])
        let object = try profileObject(.heap, labels: JSONObject([("team", "shop"), ("version", "mine")]), spec)
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 201)
            let labels = answer.json.at("metadata/labels")
            #expect(labels?["version"]?.stringValue == "mine" && labels?["team"]?.stringValue == "shop")
            #expect(labels?["empty"]?.stringValue == "")
            #expect(labels?["commit"] == nil && labels?["bad key"] == nil && labels?["ключ"] == nil)
            // All of them in the spec, in the order given, duplicates kept.
            let kept = (answer.json.at("spec/labels")?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
            #expect(kept == ["1.0", "2.0", "", "not a label value", "x", "x"])
        }
    }

    @Test func theServersLabelsAreNotTakenFromClients() async throws {
        let spec = JSONObject([
            ("labels", [["key": "profefe.io/capture", "value": "forged"], ["key": "namespace", "value": "bank"]])
        ])
        let object = try profileObject(
            .heap, labels: JSONObject([("profefe.io/type", "cpu"), ("profefe.io/created-at", "1")]), spec)
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 201)
            let labels = answer.json.at("metadata/labels")
            #expect(labels?["profefe.io/type"]?.stringValue == "heap")
            #expect(labels?["profefe.io/created-at"]?.stringValue != "1")
            #expect(labels?["profefe.io/capture"] == nil && labels?["namespace"] == nil)
            #expect(answer.json.at("spec/labels")?.arrayValue?.isEmpty == true)
            for key in ["profefe.io/type", "profefe.io/created-at", "profefe.io/capture", "\\\"namespace\\\""] {
                #expect(answer.warnings.contains { $0.contains(key) })
            }
        }
    }

    @Test func labelsOfTheObjectMustBeLabels() async throws {
        let object = try profileObject(.heap, labels: JSONObject([("a", "not a value")]))
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 422)
            #expect(answer.causes.first?.hasPrefix("metadata.labels") == true)
        }
    }

    @Test func theyAreCounted() async throws {
        let many = (0..<65).map { JSONValue.object(JSONObject([("key", .string("k\($0)")), ("value", "v")])) }
        let object = try profileObject(.heap, JSONObject([("labels", .array(many))]))
        try await TestAPI.with { api in
            let answer = try await api.create(TestAPI.profiles, object)
            #expect(answer.status == 422 && answer.causes == ["spec.labels"])
        }
    }
}
