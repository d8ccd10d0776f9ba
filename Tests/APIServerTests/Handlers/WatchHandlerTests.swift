import APIMachinery
import NIOHTTP1
import Testing

@testable import APIServer

/// Watch (conformance 8.3).
struct WatchHandlerTests {
    let api = WidgetAPI()

    @Test(arguments: ["watch=true", "watch=1&resourceVersion=0", "watch&resourceVersion="])
    func w02WithoutAVersionThePresentObjectsComeFirstThenChanges(_ query: String) async throws {
        api.storage.put("w1")
        api.storage.put("w2")
        try await api.watch(WidgetAPI.widgets + "?" + query) { (lines: inout WidgetAPI.Lines) async throws in
            #expect(try await lines.summary() == "ADDED w1@101")
            #expect(try await lines.summary() == "ADDED w2@102")
            api.storage.put("w1", size: 5)
            #expect(try await lines.summary() == "MODIFIED w1@103")
            api.storage.remove(ObjectKey(namespace: "prod", name: "w2"))
            #expect(try await lines.summary() == "DELETED w2@104")
        }
    }

    @Test func w01W08FromAVersionEveryLaterChangeIsToldDeletionsUnderTheirOwnVersion() async throws {
        api.storage.put("w1")
        let version = api.storage.put("w2").resourceVersion
        api.storage.put("w3")
        api.storage.remove(ObjectKey(namespace: "prod", name: "w1"))
        api.storage.put("x", namespace: "test")
        try await api.watch(WidgetAPI.widgets + "?watch=true&resourceVersion=\(version)") {
            (lines: inout WidgetAPI.Lines) async throws in
            #expect(try await lines.summary() == "ADDED w3@103")
            let deleted = try await lines.next()
            #expect(deleted?["type"] == "DELETED")
            #expect(deleted?["object"]?["metadata"]?["resourceVersion"] == "104")
            #expect(deleted?["object"]?["spec"]?["size"] == 1)
            api.storage.put("w4")
            #expect(try await lines.summary() == "ADDED w4@106")
        }
    }

    @Test func r19OneObjectAsKubectlWaitAndGetWAskForIt() async throws {
        api.storage.put("w1")
        api.storage.put("w2")
        let target = WidgetAPI.widgets + "?fieldSelector=metadata.name%3Dw1&resourceVersion=0&watch=true"
        try await api.watch(target) { (lines: inout WidgetAPI.Lines) async throws in
            #expect(try await lines.summary() == "ADDED w1@101")
            api.storage.put("w2")
            api.storage.put("w1")
            #expect(try await lines.summary() == "MODIFIED w1@104")
        }
    }

    @Test func w07SelectorsTurnChangesIntoComingsAndGoings() async throws {
        api.storage.put("w1", labels: ["app": "db"])
        let target = WidgetAPI.widgets + "?watch=true&resourceVersion=101&labelSelector=app%3Dweb"
        try await api.watch(target) { (lines: inout WidgetAPI.Lines) async throws in
            api.storage.put("w1", size: 2, labels: ["app": "web"])
            #expect(try await lines.summary() == "ADDED w1@102")
            api.storage.put("w1", size: 3, labels: ["app": "web"])
            #expect(try await lines.summary() == "MODIFIED w1@103")
            api.storage.put("w1", size: 4, labels: ["app": "db"])
            let left = try await lines.next()
            #expect(left?["type"] == "DELETED")
            #expect(left?["object"]?["metadata"]?["resourceVersion"] == "104")
            #expect(left?["object"]?["spec"]?["size"] == 3)
            api.storage.remove(ObjectKey(namespace: "prod", name: "w1"))
            api.storage.put("w5", labels: ["app": "web"])
            #expect(try await lines.summary() == "ADDED w5@106")
        }
    }

    @Test func w05AHistoryThatDoesntReachBackIsOneERROREventAndTheEnd() async throws {
        for index in 1...5 { api.storage.put("w\(index)") }
        api.storage.forget(upTo: ResourceVersion(103))
        let answer = try await api.send(.GET, WidgetAPI.widgets + "?watch=true&resourceVersion=101", .json)
        #expect(answer.status == 200)
        let event = try JSONValue.parse(Array(answer.text.utf8))
        #expect(event["type"] == "ERROR")
        #expect(event["object"]?["kind"] == "Status")
        #expect(event["object"]?["reason"] == "Expired")
        #expect(event["object"]?["code"] == 410)
    }

    @Test(arguments: [true, false])
    func w03InitialEventsEndWithABookmarkThatSaysSo(_ isTable: Bool) async throws {
        api.storage.put("w1")
        let target =
            WidgetAPI.widgets
            + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        try await api.watch(target, isTable ? .table : .json) { (lines: inout WidgetAPI.Lines) async throws in
            _ = try await lines.next()
            let bookmark = try await lines.next()
            #expect(bookmark?["type"] == "BOOKMARK")
            let object = isTable ? bookmark?["object"]?["rows"]?.arrayValue?.first?["object"] : bookmark?["object"]
            #expect(object?["metadata"]?["resourceVersion"] == "101")
            #expect(object?["metadata"]?["annotations"]?["k8s.io/initial-events-end"] == "true")
            api.storage.put("w2")
            #expect(try await lines.next()?["type"] == "ADDED")
        }
    }

    @Test func w03WithoutBookmarksAllowedThereIsNone() async throws {
        api.storage.put("w1")
        let target = WidgetAPI.widgets + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        try await api.watch(target) { (lines: inout WidgetAPI.Lines) async throws in
            #expect(try await lines.summary() == "ADDED w1@101")
            api.storage.put("w2")
            #expect(try await lines.summary() == "ADDED w2@102")
        }
    }

    @Test func w03SendInitialEventsFalseTellsChangesOnly() async throws {
        api.storage.put("w1")
        let target = WidgetAPI.widgets + "?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan"
        try await api.watch(target + "&resourceVersion=101") { (lines: inout WidgetAPI.Lines) async throws in
            api.storage.put("w2")
            #expect(try await lines.summary() == "ADDED w2@102")
        }
    }

    @Test(arguments: [
        ("sendInitialEvents=true", 422), ("resourceVersionMatch=NotOlderThan", 422),
        ("sendInitialEvents=true&resourceVersionMatch=Exact", 422), ("resourceVersion=x", 400),
        ("fieldSelector=spec.size%3D1", 400), ("timeoutSeconds=x", 400),
    ])
    func w04WhatCantBeWatchedIsRefusedBeforeTheStream(_ query: String, _ status: Int) async throws {
        #expect(try await api.send(.GET, WidgetAPI.widgets + "?watch=true&" + query, .json).status == status)
    }

    @Test func c02MetadataOnly() async throws {
        api.storage.put("w1")
        try await api.watch(WidgetAPI.widgets + "?watch=true", .partial("PartialObjectMetadata")) {
            (lines: inout WidgetAPI.Lines) async throws in
            let event = try await lines.next()
            #expect(event?["object"]?["kind"] == "PartialObjectMetadata")
            #expect(event?["object"]?["spec"] == nil)
        }
    }

    @Test func b03OnlyTheFirstTableTellsTheColumns() async throws {
        api.storage.put("w1")
        api.storage.put("w2")
        try await api.watch(WidgetAPI.widgets + "?watch=true", .table) { (lines: inout WidgetAPI.Lines) async throws in
            let first = try await lines.next()
            #expect(first?["object"]?["columnDefinitions"]?.arrayValue?.count == 3)
            #expect(first?["object"]?["rows"]?.arrayValue?.first?["cells"] == ["w1", 1, "2m41s"])
            let second = try await lines.next()
            #expect(second?["object"]?["columnDefinitions"] == .null)
            #expect(second?["object"]?["rows"]?.arrayValue?.count == 1)
        }
    }

    @Test func w06BookmarksComeInTimeOnlyIfAskedForAndNeverBehindWhatWasTold() async throws {
        let api = WidgetAPI { $0.clock = InstantClock() }
        api.storage.put("w1")
        let target = WidgetAPI.widgets + "?watch=true&timeoutSeconds=130"
        let asked = try await api.send(.GET, target + "&allowWatchBookmarks=true", .json)
        let events = asked.text.split(separator: "\n").compactMap { try? JSONValue.parse(Array($0.utf8)) }
        #expect(events.first?["type"] == "ADDED")
        #expect(events.count > 1)
        for bookmark in events.dropFirst() {
            #expect(bookmark["type"] == "BOOKMARK")
            #expect(bookmark["object"]?["kind"] == "Widget")
            #expect(bookmark["object"]?["metadata"]?["resourceVersion"] == "101")
        }
        let unasked = try await api.send(.GET, target, .json)
        #expect(unasked.text.split(separator: "\n").count == 1)
    }

    @Test func w10TheEndOfTheTimeIsACleanEnd() async throws {
        let api = WidgetAPI { $0.clock = InstantClock() }
        let answer = try await api.send(.GET, WidgetAPI.widgets + "?watch=true&timeoutSeconds=1", .json)
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "content-type") == "application/json")
        #expect(answer.text.isEmpty)
        #expect(api.storage.openWatches == 0)
    }

    @Test func w10ADrainingServerEndsItsWatchesCleanly() async throws {
        api.storage.put("w1")
        try await api.watch(WidgetAPI.widgets + "?watch=true") { (lines: inout WidgetAPI.Lines) async throws in
            #expect(try await lines.summary() == "ADDED w1@101")
            api.configuration.drain.drain()
            #expect(try await lines.next() == nil)
        }
        #expect(
            try await api.send(.GET, WidgetAPI.widgets + "?watch=true", .json).text.split(separator: "\n").count == 1)
    }

    @Test func w11ManyChangesAtOnceAllComeInOrder() async throws {
        try await api.watch(WidgetAPI.widgets + "?watch=true&resourceVersion=100") {
            (lines: inout WidgetAPI.Lines) async throws in
            for index in 1...500 { api.storage.put("w\(index)") }
            for index in 1...500 { #expect(try await lines.summary() == "ADDED w\(index)@\(100 + index)") }
        }
    }

    @Test func aClientThatGoesAwayFreesItsWatch() async throws {
        api.storage.put("w1")
        try await api.watch(WidgetAPI.widgets + "?watch=true") { (lines: inout WidgetAPI.Lines) async throws in
            #expect(try await lines.summary() == "ADDED w1@101")
        }
        #expect(api.storage.openWatches == 0)
    }
}
