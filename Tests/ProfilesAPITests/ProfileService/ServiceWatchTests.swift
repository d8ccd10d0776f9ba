import APIMachinery
import NIOHTTP1
import Pprof
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// Get, list and watch of `profileservices`, which follow the profiles.
struct ServiceWatchTests {
    private static let services = "\(TestAPI.shop)/profileservices"

    /// Stores a profile of a service; returns its name.
    private func upload(
        _ api: TestAPI, _ service: String, type: String = "cpu", minutesAgo: Int = 0, labels: String = "a%3D1"
    ) async throws -> String {
        let time = TestAPI.start.adding(.seconds(-60 * minutesAgo)).rfc3339()
        let answer = try await api.send(
            .POST, "\(Self.services)/\(service)/profiles?type=\(type)&createdAt=\(time)&labels=\(labels)",
            body: ProfileShape.empty.bytes)
        #expect(answer.status == 201, "\(answer.text)")
        return answer.name
    }

    private func version(_ object: JSONValue?) -> UInt64 {
        object?.at("metadata/resourceVersion")?.stringValue.flatMap { UInt64($0) } ?? 0
    }

    private func told(_ event: JSONValue?) -> String {
        let object = event?["object"]
        let count = object?.at("status/profileCount")?.integerValue ?? -1
        return "\(event?["type"]?.stringValue ?? "end") \(object?.at("metadata/name")?.stringValue ?? "") \(count)"
    }

    @Test func aWatchFollowsTheProfiles() async throws {
        try await TestAPI.with { api in
            _ = try await upload(api, "web", minutesAgo: 5)
            let list = try await api.send(.GET, Self.services)
            #expect(list.names == ["web"])
            let start = version(list.json)
            try await api.watch("\(Self.services)?watch=true&resourceVersion=\(start)") { events in
                let second = try await upload(api, "web", type: "heap")
                var last = start
                func next(_ expected: String) async {
                    let event = await events.next()
                    #expect(told(event) == expected)
                    #expect(version(event?["object"]) > last)
                    last = version(event?["object"])
                }
                await next("MODIFIED web 2")
                let other = try await upload(api, "api")
                await next("ADDED api 1")
                _ = try await api.send(.DELETE, "\(TestAPI.profiles)/\(second)")
                await next("MODIFIED web 1")
                _ = try await api.send(.DELETE, "\(TestAPI.profiles)/\(other)")
                await next("DELETED api 1")
                #expect(version(try await api.send(.GET, "\(Self.services)/web").json) < last)
                #expect(version(try await api.send(.GET, Self.services).json) == last)
            }
        }
    }

    @Test func theFirstEventsAreThePresentServicesAndABookmark() async throws {
        try await TestAPI.with { api in
            for service in ["b", "a"] { _ = try await upload(api, service) }
            let query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
            try await api.watch("\(Self.services)?\(query)") { events in
                let first = await events.until { $0["type"]?.stringValue == "BOOKMARK" }
                #expect(first.dropLast().map(told) == ["ADDED a 1", "ADDED b 1"])
                let mark = first.last?["object"]
                #expect(mark?.at("metadata/annotations")?["k8s.io/initial-events-end"]?.stringValue == "true")
                _ = try await upload(api, "a")
                let after = await events.next()
                #expect(told(after) == "MODIFIED a 2")
                #expect(version(after?["object"]) > version(mark))
            }
        }
    }

    @Test func aWatchMayBeATableOfOneService() async throws {
        try await TestAPI.with { api in
            _ = try await upload(api, "web")
            let query = "watch=true&fieldSelector=metadata.name%3Dweb"
            try await api.watch("\(Self.services)?\(query)", .table) { events in
                let first = await events.next()
                #expect(first?.at("object/kind")?.stringValue == "Table")
                _ = try await upload(api, "other")
                _ = try await upload(api, "web", type: "heap")
                let row = await events.next()?.at("object/rows")?.arrayValue?.first
                let cells = (row?["cells"]?.arrayValue ?? []).compactMap(\.stringValue)
                #expect(Array(cells.prefix(3)) == ["web", "2", "cpu,heap"])
            }
        }
    }

    @Test func aVersionBeforeTheIndexIsExpired() async throws {
        try await TestAPI.with { api in
            for _ in 0..<3 { _ = try await upload(api, "web") }
            _ = try await api.send(.GET, Self.services)
            try await api.watch("\(Self.services)?watch=true&resourceVersion=1") { events in
                let event = await events.next()
                #expect(event?["type"]?.stringValue == "ERROR")
                #expect(event?.at("object/code")?.integerValue == 410)
                #expect(await events.next() == nil)
            }
        }
    }

    @Test func thePagesOfAListAreOfOneState() async throws {
        try await TestAPI.with { api in
            for service in ["a", "c", "d"] { _ = try await upload(api, service) }
            let first = try await api.send(.GET, "\(Self.services)?limit=1")
            let token = first.json.at("metadata/continue")?.stringValue ?? ""
            _ = try await upload(api, "b")
            _ = try await upload(api, "c")
            let rest = try await api.send(.GET, "\(Self.services)?limit=10&continue=\(token)")
            #expect(rest.names == ["c", "d"])
            #expect(rest.json["items"]?.arrayValue?.first?.at("status/profileCount")?.integerValue == 1)
            #expect(version(rest.json) == version(first.json))
            #expect(try await api.send(.GET, Self.services).names == ["a", "b", "c", "d"])
        }
    }

    @Test func aServiceKnowsItsTimesAndLabelsWhicheverProfileGoes() async throws {
        try await TestAPI.with { api in
            let oldest = try await upload(api, "web", minutesAgo: 30, labels: "old%3D1")
            _ = try await upload(api, "web", minutesAgo: 20)
            let newest = try await upload(api, "web", minutesAgo: 10)
            func seen() async throws -> [String?] {
                let web = try await api.send(.GET, "\(Self.services)/web").json
                return [web.at("status/firstSeen")?.stringValue, web.at("status/lastSeen")?.stringValue]
                    + (web.at("status/labelKeys")?.arrayValue ?? []).map(\.stringValue)
            }
            func ago(_ minutes: Int) -> String { TestAPI.start.adding(.seconds(-60 * minutes)).rfc3339() }
            #expect(try await seen() == [ago(30), ago(10), "a", "old"])
            _ = try await api.send(.DELETE, "\(TestAPI.profiles)/\(oldest)")
            #expect(try await seen() == [ago(20), ago(10), "a"])
            _ = try await api.send(.DELETE, "\(TestAPI.profiles)/\(newest)")
            #expect(try await seen() == [ago(20), ago(20), "a"])
        }
    }

    @Test func aChangeThatSaysNothingNewIsNoEvent() async throws {
        try await TestAPI.with { api in
            let name = try await upload(api, "web")
            let start = version(try await api.send(.GET, Self.services).json)
            try await api.watch("\(Self.services)?watch=true&resourceVersion=\(start)") { events in
                let patch = Array(#"{"metadata":{"annotations":{"seen":"yes"}}}"#.utf8)
                let patched = try await api.send(
                    .PATCH, "\(TestAPI.profiles)/\(name)", ["content-type": "application/merge-patch+json"], body: patch
                )
                #expect(patched.status == 200)
                _ = try await upload(api, "web")
                #expect(told(await events.next()) == "MODIFIED web 2")
            }
        }
    }
}
