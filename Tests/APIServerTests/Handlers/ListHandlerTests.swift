import APIMachinery
import HTTPTransport
import NIOHTTP1
import Testing

@testable import APIServer

/// Get and list (conformance 8.1, 8.2).
struct ListHandlerTests {
    let api = WidgetAPI()

    @Test func aMissingObjectIsA404ThatNamesIt() async throws {
        let answer = try await api.send(.GET, WidgetAPI.widgets + "/w1")
        #expect(answer.status == 404)
        #expect(answer.message == #"widgets.example.io "w1" not found"#)
        #expect(answer.json["details"] == ["name": "w1", "group": "example.io", "kind": "widgets"])
    }

    @Test func l01ListsAreSortedByNamespaceAndNameAndCarryAVersionWhenEmpty() async throws {
        let empty = try await api.send(.GET, WidgetAPI.widgets, .json)
        #expect(
            empty.text
                == #"{"kind":"WidgetList","apiVersion":"example.io/v1","metadata":{"resourceVersion":"100"},"items":[]}"#
                + "\n")
        api.storage.put("b", namespace: "prod")
        api.storage.put("a", namespace: "test")
        api.storage.put("a", namespace: "prod")
        let all = try await api.send(.GET, WidgetAPI.allWidgets, .json)
        #expect(all.names == ["a", "b", "a"])
        #expect(all.version == "103")
        #expect(all.items.allSatisfy { $0["kind"] == "Widget" && $0["apiVersion"] == "example.io/v1" })
        #expect(try await api.send(.GET, WidgetAPI.widgets, .json).names == ["a", "b"])
    }

    @Test func l02PagesShowOneSnapshotWhileObjectsComeAndGo() async throws {
        for index in 10..<30 { api.storage.put("w\(index)") }
        let first = try await api.send(.GET, WidgetAPI.widgets + "?limit=7", .json)
        #expect(first.json["metadata"]?["remainingItemCount"] == 13)
        var names = first.names
        var page = first
        while !page.continueToken.isEmpty {
            api.storage.put("w0\(names.count)")
            api.storage.remove(ObjectKey(namespace: "prod", name: "w29"))
            page = try await api.send(.GET, WidgetAPI.widgets + "?limit=7&continue=\(page.continueToken)", .json)
            #expect(page.version == first.version)
            names += page.names
        }
        #expect(names == (10..<30).map { "w\($0)" })
        #expect(page.json["metadata"]?["remainingItemCount"] == nil)
    }

    @Test func l02WhatRemainsIsToldOnlyWithoutSelectors() async throws {
        for index in 0..<5 { api.storage.put("w\(index)", labels: ["app": "web"]) }
        let answer = try await api.send(.GET, WidgetAPI.widgets + "?limit=2&labelSelector=app%3Dweb", .json)
        #expect(!answer.continueToken.isEmpty)
        #expect(answer.json["metadata"]?["remainingItemCount"] == nil)
    }

    @Test(arguments: [HTTPHeaders.json, .table, .yaml, ["user-agent": "curl/8"], .partial("PartialObjectMetadataList")])
    func anUnlimitedListIsStreamedFromPagesOfOneSnapshotInEveryForm(_ headers: HTTPHeaders) async throws {
        let small = WidgetAPI {
            $0.pageSize = 10
            $0.chunkBytes = 2000
        }
        let large = WidgetAPI(small.storage)
        for index in 100..<195 { small.storage.put("w\(index)") }
        let streamed = try await small.send(.GET, WidgetAPI.widgets, headers)
        #expect(streamed.pieces.count > 3)
        #expect(streamed.pieces.allSatisfy { $0 < 6000 })
        #expect(small.storage.pagesRead == 10)
        let whole = try await large.send(.GET, WidgetAPI.widgets, headers)
        #expect(whole.pieces.isEmpty)
        #expect(streamed.text == whole.text)
        #expect(streamed.continueToken.isEmpty)
    }

    @Test func aStoreThatFailsInTheMiddleBreaksTheListOff() async throws {
        let api = WidgetAPI {
            $0.pageSize = 2
            $0.chunkBytes = 10
        }
        for index in 0..<9 { api.storage.put("w\(index)") }
        let request = try await WidgetAPI.authorized(.GET, WidgetAPI.widgets, .json, body: nil)
        let endpoint = APIGroupEndpoint(
            group: "example.io", version: "v1", resources: [APIResource(api.storage)], configuration: api.configuration)
        let response = try await endpoint.respond(to: request)
        guard case .stream(let write) = response.body else {
            Issue.record("not streamed")
            return
        }
        api.storage.refuse(.serviceUnavailable("gone"))
        await #expect(throws: StatusError.serviceUnavailable("")) {
            let writer = ResponseBodyWriter(sink: StreamSink())
            try await write(writer)
        }
    }

    @Test func e03AStoreThatIsDownIsA503WithRetryAfterNeverA404OrAnEmptyList() async throws {
        api.storage.put("w1")
        api.storage.refuse(.serviceUnavailable("the store is away", retryAfter: 1))
        for path in [WidgetAPI.widgets, WidgetAPI.widgets + "/w1", WidgetAPI.widgets + "/absent"] {
            let answer = try await api.send(.GET, path)
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "retry-after") == "1")
        }
    }

    struct VersionCase: Sendable, CustomTestStringConvertible {
        let query: String
        let status: Int
        let reason: String
        init(_ query: String, _ status: Int, _ reason: String = "") {
            (self.query, self.status, self.reason) = (query, status, reason)
        }
        var testDescription: String { query }
    }

    /// The store is at 105, and has forgotten 101 and 102.
    static let versions: [VersionCase] = [
        VersionCase("", 200), VersionCase("resourceVersion=0", 200), VersionCase("resourceVersion=0&limit=1", 200),
        VersionCase("resourceVersion=103", 200), VersionCase("resourceVersion=101", 200),
        VersionCase("resourceVersion=103&limit=1", 200), VersionCase("resourceVersion=101&limit=1", 410, "Expired"),
        VersionCase("resourceVersion=101&resourceVersionMatch=Exact", 410, "Expired"),
        VersionCase("resourceVersion=104&resourceVersionMatch=Exact", 200),
        VersionCase("resourceVersion=101&resourceVersionMatch=NotOlderThan", 200),
        VersionCase("resourceVersion=106", 504, "Timeout"), VersionCase("resourceVersion=106&limit=1", 504, "Timeout"),
        VersionCase("resourceVersion=99999999&resourceVersionMatch=Exact", 504, "Timeout"),
        VersionCase("resourceVersion=x", 400, "BadRequest"),
        VersionCase("resourceVersionMatch=Exact", 422, "Invalid"),
        VersionCase("resourceVersion=0&resourceVersionMatch=Exact", 422, "Invalid"),
        VersionCase("resourceVersion=103&resourceVersionMatch=Near", 422, "Invalid"),
        VersionCase("sendInitialEvents=true", 422, "Invalid"), VersionCase("limit=abc", 400, "BadRequest"),
        VersionCase("limit=-1", 200), VersionCase("continue=%2F..%2F", 400, "BadRequest"),
    ]

    @Test(arguments: versions)
    func l03L05VersionsOfAList(_ example: VersionCase) async throws {
        for index in 1...5 { api.storage.put("w\(index)") }
        api.storage.forget(upTo: ResourceVersion(102))
        let answer = try await api.send(.GET, WidgetAPI.widgets + "?" + example.query, .json)
        #expect(answer.status == example.status)
        #expect(answer.reason == example.reason)
        if example.status == 504 {
            #expect(answer.headers.first(name: "retry-after") == "1")
            #expect(answer.json["details"]?["causes"]?.arrayValue?.first?["reason"] == "ResourceVersionTooLarge")
        }
    }

    @Test func l03AnExactVersionShowsThatState() async throws {
        for index in 1...5 { api.storage.put("w\(index)") }
        let answer = try await api.send(
            .GET, WidgetAPI.widgets + "?resourceVersion=103&resourceVersionMatch=Exact", .json)
        #expect(answer.names == ["w1", "w2", "w3"])
        #expect(answer.version == "103")
    }

    @Test func l04AContinuedListWhoseSnapshotIsGoneGetsATokenThatGoesOnAtTheNewestState() async throws {
        for index in 1...5 { api.storage.put("w\(index)") }
        let first = try await api.send(.GET, WidgetAPI.widgets + "?limit=2", .json)
        api.storage.put("w6")
        api.storage.forget(upTo: ResourceVersion(105))
        let gone = try await api.send(.GET, WidgetAPI.widgets + "?limit=2&continue=\(first.continueToken)", .json)
        #expect(gone.status == 410)
        #expect(gone.reason == "Expired")
        let next = try await api.send(.GET, WidgetAPI.widgets + "?limit=9&continue=\(gone.continueToken)", .json)
        #expect(next.names == ["w3", "w4", "w5", "w6"])
    }

    @Test func l05AGetOfAFutureVersionWaitsForItThenTellsHowFarWeAre() async throws {
        api.storage.put("w1")
        let late = try await api.send(.GET, WidgetAPI.widgets + "/w1?resourceVersion=102", .json)
        #expect(late.status == 504)
        #expect(late.message == "Timeout: Too large resource version: 102, current: 101")
        #expect(try await api.send(.GET, WidgetAPI.widgets + "/w1?resourceVersion=101", .json).status == 200)
        #expect(try await api.send(.GET, WidgetAPI.widgets + "/w1?resourceVersion=0", .json).status == 200)
        #expect(try await api.send(.GET, WidgetAPI.widgets + "/w1?resourceVersion=-1", .json).status == 400)
    }

    @Test func l05AVersionThatComesWhileItIsWaitedForIsAnswered() async throws {
        let storage = InMemoryStorage()
        let api = WidgetAPI(storage) {
            $0.freshnessPatience = .seconds(3)
            $0.clock = WritingClock(storage: storage)
        }
        let answer = try await api.send(.GET, WidgetAPI.widgets + "?resourceVersion=104", .json)
        #expect(answer.status == 200)
        #expect(answer.version == "104")
    }

    /// Every sleep lets one object be written.
    struct WritingClock: Clock {
        typealias Instant = ContinuousClock.Instant
        let storage: InMemoryStorage
        var now: Instant { ContinuousClock.now }
        var minimumResolution: Duration { .nanoseconds(1) }
        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            storage.put("w\(storage.currentVersion)")
        }
    }

    @Test(arguments: [
        ("metadata.name%3Dw2", 200, ["w2"]), ("spec.color%3Dblue", 200, ["w1"]),
        ("spec.color!%3Dblue", 200, ["w2", "w3"]),
        ("metadata.namespace%3Dprod,metadata.name%3Dw3", 200, ["w3"]), ("spec.size%3D1", 400, []),
        ("metadata.name", 400, []),
    ])
    func l07FieldSelectors(_ selector: String, _ status: Int, _ names: [String]) async throws {
        api.storage.put("w1", color: "blue")
        api.storage.put("w2")
        api.storage.put("w3")
        let answer = try await api.send(.GET, WidgetAPI.widgets + "?fieldSelector=\(selector)", .json)
        #expect(answer.status == status)
        #expect(answer.names == names)
        if selector == "spec.size%3D1" { #expect(answer.message == "field label not supported: spec.size") }
    }

    @Test func l06LabelSelectorsReachTheStorageBrokenOnesTheClient() async throws {
        api.storage.put("w1", labels: ["app": "web"])
        api.storage.put("w2")
        #expect(try await api.send(.GET, WidgetAPI.widgets + "?labelSelector=app", .json).names == ["w1"])
        #expect(try await api.send(.GET, WidgetAPI.widgets + "?labelSelector=!app", .json).names == ["w2"])
        #expect(try await api.send(.GET, WidgetAPI.widgets + "?labelSelector=a+b", .json).status == 400)
    }

    @Test(arguments: ["nowhere", "@fake:svm_ns!"])
    func l08AnUnknownNamespaceIsAnEmptyListWithAVersion(_ namespace: String) async throws {
        api.storage.put("w1")
        let answer = try await api.send(.GET, "/apis/example.io/v1/namespaces/\(namespace)/widgets?limit=1", .json)
        #expect(answer.status == 200)
        #expect(answer.items.isEmpty)
        #expect(answer.version == "101")
    }
}
