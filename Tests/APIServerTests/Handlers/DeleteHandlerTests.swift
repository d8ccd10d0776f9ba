import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// Delete and deletecollection (conformance 8.11, 8.12).
struct DeleteHandlerTests {
    let api = WidgetAPI()
    let path = WidgetAPI.widgets + "/w1"

    @Test func r11WhatIsRemovedIsAnsweredByAStatusWithItsUidInAnyAcceptedForm() async throws {
        for headers in [HTTPHeaders.json, .table, .protobufFirst] {
            api.storage.put("w1")
            let answer = try await api.send(.DELETE, path, headers)
            #expect(answer.status == 200)
            #expect(
                answer.json == [
                    "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
                    "details": ["name": "w1", "group": "example.io", "kind": "widgets", "uid": "uid-w1"],
                ])
        }
        #expect(try await api.send(.DELETE, path).status == 404)
    }

    @Test func r11AnObjectWithFinalizersStaysAndIsAnsweredWhole() async throws {
        var metadata = ObjectMeta(name: "w1", namespace: "prod")
        metadata.finalizers = ["example.io/keep"]
        api.storage.put(InMemoryStorage.Widget(metadata: metadata, size: 1, color: "red"))
        for _ in 0..<2 {
            let answer = try await api.send(.DELETE, path, .json)
            #expect(answer.status == 200)
            #expect(answer.json["kind"] == "Widget")
        }
    }

    @Test(arguments: [
        (#"{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}"#, 200),
        (#"{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/v1"}"#, 200),
        (#"{"kind":"DeleteOptions","apiVersion":"example.io/v1"}"#, 200), (#"{"propagationPolicy":"Background"}"#, 200),
        ("{}", 200), ("", 200), (#"{"gracePeriodSeconds":-5}"#, 200), (#"{"kind":"Foo","apiVersion":"v1"}"#, 400),
        ("nonsense", 400), ("[]", 400), (#"{"propagationPolicy":"Foo"}"#, 422), (#"{"dryRun":["some"]}"#, 422),
        (#"{"propagationPolicy":"Orphan","orphanDependents":true}"#, 422), (#"{"preconditions":{"uid":"nope"}}"#, 409),
        (#"{"preconditions":{"uid":"uid-w1"}}"#, 200),
    ])
    func r12R14OptionsInTheBody(_ body: String, _ status: Int) async throws {
        api.storage.put("w1")
        let answer = try await api.send(.DELETE, path, ["content-type": "application/json"], body: body)
        #expect(answer.status == status)
        #expect(try await api.send(.GET, path).status == (status == 200 ? 404 : 200))
    }

    @Test(arguments: [("propagationPolicy=Foo", 422), ("dryRun=All", 200), ("gracePeriodSeconds=x", 400)])
    func r12OptionsInTheQuery(_ query: String, _ status: Int) async throws {
        api.storage.put("w1")
        #expect(try await api.send(.DELETE, path + "?" + query).status == status)
        #expect(try await api.send(.GET, path).status == 200)
    }

    @Test func r14AUidThatIsntTheObjectsIsToldWithBoth() async throws {
        api.storage.put("w1")
        let answer = try await api.send(.DELETE, path, body: #"{"preconditions":{"uid":"nope"}}"#)
        #expect(
            answer.message
                == #"Operation cannot be fulfilled on widgets.example.io "w1": the UID in the precondition (nope) "#
                + "does not match the UID in record (uid-w1). The object might have been deleted and then recreated")
        #expect(answer.reason == "Conflict")
    }

    @Test func r13DeletingACollectionAnswersWithTheListOfWhatIsGone() async throws {
        for index in 1...7 { api.storage.put("w\(index)", labels: index % 2 == 0 ? ["app": "web"] : [:]) }
        api.storage.put("other", namespace: "test", labels: ["app": "web"])
        let answer = try await api.send(.DELETE, WidgetAPI.widgets + "?labelSelector=app%3Dweb", .json)
        #expect(answer.status == 200)
        #expect(answer.json["kind"] == "WidgetList")
        #expect(answer.names == ["w2", "w4", "w6"])
        #expect(try await api.send(.GET, WidgetAPI.allWidgets, .json).names == ["w1", "w3", "w5", "w7", "other"])
    }

    @Test func r13ACollectionInSeveralPagesItsDryRunAndItsLimit() async throws {
        let api = WidgetAPI { $0.pageSize = 2 }
        for index in 1...5 { api.storage.put("w\(index)") }
        #expect(try await api.send(.DELETE, WidgetAPI.widgets + "?limit=3&dryRun=All", .json).names.count == 3)
        #expect(try await api.send(.GET, WidgetAPI.widgets, .json).names.count == 5)
        #expect(try await api.send(.DELETE, WidgetAPI.widgets + "?limit=3", .json).names == ["w1", "w2", "w3"])
        #expect(try await api.send(.DELETE, WidgetAPI.widgets, .json).names == ["w4", "w5"])
        #expect(try await api.send(.DELETE, WidgetAPI.widgets, .json).items.isEmpty)
    }
}
