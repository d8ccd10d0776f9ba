import APIMachinery
import NIOHTTP1
import TestSupport
import Testing

@testable import APIServer

/// Create (conformance 8.4, 8.9, 8.13).
struct CreateHandlerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let body: String
        let status: Int
        let message: String
        var query = ""
        init(_ body: String, _ status: Int, _ message: String = "", query: String = "") {
            (self.body, self.status, self.message, self.query) = (body, status, message, query)
        }
        var testDescription: String { String(body.prefix(90)) + query }
    }

    static let unrecognized = "the object provided is unrecognized (must be of type Widget): "
    static let cases: [Case] = [
        Case(#"{"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"w1"},"spec":{"size":1}}"#, 201),
        Case(#"{"metadata":{"name":"w1"},"spec":{}}"#, 201),
        Case(#"{"apiVersion":"example.io/v1","metadata":{"name":"w1"},"spec":{}}"#, 201),
        Case(#"{"metadata":{"name":"w1","namespace":"prod"},"spec":{}}"#, 201),
        Case("", 400, unrecognized),
        Case("{", 400, unrecognized),
        Case("[]", 400, unrecognized),
        Case(#""widget""#, 400, unrecognized),
        Case(#"{"kind":5,"metadata":{"name":"w1"},"spec":{}}"#, 400, unrecognized),
        Case(String(repeating: "[", count: 10_000), 400, unrecognized),
        Case(
            #"{"apiVersion":"v1","kind":"Widget","metadata":{"name":"w1"},"spec":{}}"#, 400,
            "the API version in the data (v1) does not match the expected API version (example.io/v1)"),
        Case(#"{"kind":"Widget","metadata":{"name":"w1"},"spec":{}}"#, 400, "the API version in the data ()"),
        Case(
            #"{"apiVersion":"example.io/v1","kind":"Foo","metadata":{"name":"w1"}}"#, 400,
            #"Foo in version "v1" cannot be handled as a Widget: "#),
        Case(
            #"{"metadata":{"name":"w1","namespace":"test"},"spec":{}}"#, 400,
            "the namespace of the provided object does not match the namespace sent on the request"),
        Case(
            #"{"metadata":{"name":"w1","resourceVersion":"5"},"spec":{}}"#, 400,
            "resourceVersion should not be set on objects to be created"),
        Case(
            #"{"metadata":{},"spec":{}}"#, 422,
            #"Widget.example.io "" is invalid: metadata.name: Required value: name or generateName is required"#),
        Case(
            #"{"metadata":{"name":"UPPER"},"spec":{}}"#, 422,
            #"Widget.example.io "UPPER" is invalid: metadata.name: Invalid value"#),
        Case(#"{"metadata":{"name":"../w1"},"spec":{}}"#, 422, "Widget.example.io"),
        Case(#"{"metadata":{"name":"w1"}}"#, 422, #"Widget.example.io "w1" is invalid: spec: Required value"#),
        Case(
            #"{"metadata":{"name":"w1"},"spec":{"size":"big"}}"#, 422,
            #"Widget.example.io "w1" is invalid: spec.size: Invalid value"#),
        Case(#"{"metadata":5,"spec":{}}"#, 422, "Widget.example.io"),
        Case(
            #"{"metadata":{"name":"w1"},"spec":{"size":-1}}"#, 422,
            #"Widget.example.io "w1" is invalid: spec.size: Invalid value: -1: must not be negative"#),
        Case(
            #"{"metadata":{"name":"w1"},"spec":{}}"#, 422, "CreateOptions.meta.k8s.io \"\" is invalid: dryRun:",
            query: "?dryRun=some"),
        Case(
            #"{"metadata":{"name":"w1"},"spec":{}}"#, 422,
            "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation:", query: "?fieldValidation=bogus"),
    ]

    @Test(arguments: cases)
    func r01R17BodiesAreJudgedInKubeApiserversOrderAndWords(_ example: Case) async throws {
        let api = WidgetAPI()
        let answer = try await api.send(.POST, WidgetAPI.widgets + example.query, .json, body: example.body)
        #expect(answer.status == example.status)
        if !example.message.isEmpty {
            #expect(answer.message.hasPrefix(example.message), "\(answer.message)")
            #expect(answer.json["code"]?.integerValue == Int64(example.status))
            #expect(api.storage.currentVersion == ResourceVersion(100))
        }
    }

    @Test func r01TheServerSetsWhatIsItsToSay() async throws {
        let body = """
            {"metadata":{"name":"w1","uid":"mine","creationTimestamp":"2000-01-01T00:00:00Z","generation":9,
            "deletionTimestamp":"2000-01-01T00:00:00Z"},"spec":{"size":2}}
            """
        let answer = try await WidgetAPI().send(.POST, WidgetAPI.widgets, .json, body: body)
        let metadata = answer.json["metadata"]
        #expect(answer.headers.contains(name: "location") == false)
        #expect(answer.json["kind"] == "Widget")
        #expect(answer.json["apiVersion"] == "example.io/v1")
        #expect(answer.json["spec"] == ["size": 2, "color": "red"])
        #expect(metadata?["namespace"] == "prod")
        #expect(metadata?["creationTimestamp"] == "2026-01-01T00:02:41Z")
        #expect(metadata?["generation"] == 1)
        #expect(metadata?["deletionTimestamp"] == nil)
        #expect(metadata?["resourceVersion"] == "101")
        #expect(metadata?["uid"]?.stringValue?.utf8.count == 36)
    }

    @Test func r15AllFaultsAreToldAtOnce() async throws {
        let body = #"{"metadata":{"name":"UPPER","labels":{"-x":"y"}},"spec":{"size":-1}}"#
        let answer = try await WidgetAPI().send(.POST, WidgetAPI.widgets, .json, body: body)
        let causes = answer.json["details"]?["causes"]?.arrayValue ?? []
        #expect(answer.status == 422)
        #expect(
            Set(causes.compactMap { $0["field"]?.stringValue }) == ["metadata.name", "metadata.labels", "spec.size"])
        #expect(answer.json["details"]?["kind"] == "Widget")
    }

    @Test func r01ATakenNameIsA409() async throws {
        let api = WidgetAPI()
        api.storage.put("w1")
        let answer = try await api.send(.POST, WidgetAPI.widgets, body: #"{"metadata":{"name":"w1"},"spec":{}}"#)
        #expect(answer.status == 409)
        #expect(answer.reason == "AlreadyExists")
        #expect(answer.message == #"widgets.example.io "w1" already exists"#)
    }

    @Test func r02AGeneratedNameKeepsItsPrefixAndItsMetadata() async throws {
        let prefix = String(repeating: "p", count: 70) + "-"
        let answer = try await WidgetAPI().send(
            .POST, WidgetAPI.widgets, .json, body: #"{"metadata":{"generateName":"\#(prefix)"},"spec":{}}"#)
        let name = answer.json["metadata"]?["name"]?.stringValue ?? ""
        #expect(answer.status == 201)
        #expect(name.utf8.count == 63)
        #expect(name.hasPrefix(String(prefix.prefix(58))))
        #expect(answer.json["metadata"]?["generateName"]?.stringValue == prefix)
    }

    @Test func r02EightNamesAreTriedThenTheClientIsToldToTryAgain() async throws {
        let counter = Counter()
        let api = WidgetAPI { $0.names = NameGenerator { counter.bytes($0) } }
        api.storage.put("w-bbbbb")
        let body = #"{"metadata":{"generateName":"w-"},"spec":{}}"#
        counter.fixed = true
        let refused = try await api.send(.POST, WidgetAPI.widgets, .json, body: body)
        #expect(refused.status == 409)
        #expect(refused.reason == "AlreadyExists")
        #expect(refused.headers.first(name: "retry-after") == "1")
        counter.fixed = false
        #expect(try await api.send(.POST, WidgetAPI.widgets, .json, body: body).status == 201)
    }

    /// Gives the same bytes while `fixed`, else others each time.
    final class Counter: @unchecked Sendable {
        var fixed = false
        private var calls: UInt8 = 0

        func bytes(_ count: Int) -> [UInt8] {
            if !fixed { calls += 1 }
            return Array(repeating: calls, count: count)
        }
    }

    @Test func r03ADryRunAnswersAsIfAndKeepsNothing() async throws {
        let api = WidgetAPI()
        let answer = try await api.send(
            .POST, WidgetAPI.widgets + "?dryRun=All", .json, body: #"{"metadata":{"name":"w1"},"spec":{}}"#)
        #expect(answer.status == 201)
        #expect(answer.json["metadata"]?["resourceVersion"] == nil)
        #expect(answer.json["metadata"]?["uid"] != nil)
        #expect(api.storage.currentVersion == ResourceVersion(100))
        #expect(try await api.send(.GET, WidgetAPI.widgets + "/w1").status == 404)
    }

    static let strange = #"{"Spec":1,"metadata":{"name":"w1"},"spec":{"size":1,"size":2,"x":{"y":1}}}"#

    @Test func r04StrangeFieldsAreWarnedOfAlsoWhereTheRequestFailsLater() async throws {
        let api = WidgetAPI()
        for status in [201, 409] {
            let answer = try await api.send(.POST, WidgetAPI.widgets, .json, body: Self.strange)
            #expect(answer.status == status)
            #expect(
                Set(answer.warnings) == [
                    #"299 - "unknown field \"Spec\"""#, #"299 - "unknown field \"spec.x\"""#,
                    #"299 - "duplicate field \"spec.size\"""#,
                ])
        }
        #expect(try await api.send(.GET, WidgetAPI.widgets + "/w1", .json).json["spec"]?["size"] == 2)
    }

    @Test func r04StrangeFieldsAreRefusedWhereTheClientAsksForIt() async throws {
        let api = WidgetAPI()
        let answer = try await api.send(
            .POST, WidgetAPI.widgets + "?fieldValidation=Strict", .json, body: Self.strange)
        #expect(answer.status == 400)
        #expect(
            answer.message.hasPrefix(
                #"Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "#))
        #expect(answer.message.contains(#"duplicate field "spec.size""#))
        #expect(api.storage.currentVersion == ResourceVersion(100))
    }

    @Test func r04StrangeFieldsAreDroppedInSilenceWhereTheClientAsksForIt() async throws {
        let answer = try await WidgetAPI().send(
            .POST, WidgetAPI.widgets + "?fieldValidation=Ignore", .json, body: Self.strange)
        #expect(answer.status == 201)
        #expect(answer.warnings.isEmpty)
    }

    @Test func r16ABodyAboveTheLimitIsA413OneAtTheLimitIsRead() async throws {
        let api = WidgetAPI(InMemoryStorage(bodyLimit: 200))
        let body = { (padding: Int) in
            let bare = #"{"metadata":{"name":"w1"},"spec":{}}"#
            return bare + String(repeating: " ", count: padding - bare.utf8.count)
        }
        let large = try await api.send(.POST, WidgetAPI.widgets, .json, body: body(201))
        #expect(large.status == 413)
        #expect(large.reason == "RequestEntityTooLarge")
        #expect(large.message == "Request entity too large: limit is 200")
        #expect(try await api.send(.POST, WidgetAPI.widgets, .json, body: body(200)).status == 201)
        #expect(RequestBodyLimits.standard == 3_145_728)
    }

    @Test func aStorageThatChoosesNamesGetsObjectsWithoutOne() async throws {
        let description = ResourceDescription(
            plural: "widgets", singular: "widget", kind: "Widget", naming: .byStorage)
        let api = WidgetAPI(InMemoryStorage(description: description))
        let answer = try await api.send(.POST, WidgetAPI.widgets, .json, body: #"{"spec":{}}"#)
        #expect(answer.status == 201)
        let named = try await api.send(.POST, WidgetAPI.widgets, .json, body: #"{"metadata":{"name":"X"},"spec":{}}"#)
        #expect(named.status == 422)
    }

    @Test func s04BrokenBodiesAreRefusedOrStoredAndNeverEndTheProcess() async throws {
        let api = WidgetAPI()
        var random = SeededRandom(seed: 20)
        let seed = Array(
            #"{"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"w1","labels":{"a":"b"}},"spec":{"size":1}}"#
                .utf8)
        for _ in 0..<2000 {
            let body = String(decoding: random.mutate(seed), as: UTF8.self)
            let status = try await api.send(.POST, WidgetAPI.widgets, .json, body: body).status
            #expect([201, 400, 409, 422].contains(status))
        }
    }
}
