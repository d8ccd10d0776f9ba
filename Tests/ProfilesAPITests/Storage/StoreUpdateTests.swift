import APIMachinery
import HTTPTransport
import Logging
import NIOCore
import NIOHTTP1
import ProfileStore
import Testing

@testable import APIServer
@testable import ProfilesAPI

/// Update and patch over the embedded store: races, and what the store's watches and selectors see of a change.
struct StoreUpdateTests {
    @Test func r08FiftyParallelPatchesAllLand() async throws {
        try await Gizmos.with { gizmos in
            try await gizmos.put("g1")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<50 {
                    group.addTask {
                        try await gizmos.patch("g1", #"{"metadata":{"labels":{"l\#(index)":"x"}}}"#).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 50))
            #expect(try await gizmos.metadata("g1").labels.count == 50)
            #expect(try await gizmos.metadata("g1").generation == 1)
        }
    }

    @Test func r08OfParallelUpdatesAtOneVersionOneIsTaken() async throws {
        try await Gizmos.with { gizmos in
            let version = try await gizmos.put("g1").resourceVersion
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<20 {
                    let body =
                        #"{"metadata":{"name":"g1","resourceVersion":"\#(version)"},"spec":{"color":"c\#(index)"}}"#
                    group.addTask { try await gizmos.send(.PUT, "g1", body).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200] + Array(repeating: 409, count: 19))
        }
    }

    /// As many writes of somebody else come in between as a change is tried beside the writer.
    @Test func r08ALightPatchThatLosesEveryRaceIsDoneOnTheWriter() async throws {
        try await Gizmos.with(races: StoreUpdate.attempts) { gizmos in
            try await gizmos.put("g1")
            let answer = try await gizmos.patch("g1", #"{"metadata":{"labels":{"a":"b"}},"spec":{"color":"blue"}}"#)
            #expect(answer.status == 200)
            let metadata = try await gizmos.metadata("g1")
            #expect(metadata.labels == ["a": "b"])
            #expect(metadata.annotations["races"] == "5")
            #expect(answer.json["metadata"]?["resourceVersion"]?.stringValue == metadata.resourceVersion?.description)
            #expect(answer.json["metadata"]?["annotations"] == ["races": "5"])
        }
    }

    @Test func r08AHeavyPatchThatLosesEveryRaceIsAConflict() async throws {
        try await Gizmos.with(races: StoreUpdate.attempts) { gizmos in
            try await gizmos.put("g1")
            let text = String(repeating: "x", count: 70_000)
            let answer = try await gizmos.patch("g1", #"{"metadata":{"annotations":{"text":"\#(text)"}}}"#)
            #expect(answer.status == 409)
            #expect(
                answer.json["message"]?.stringValue
                    == #"Operation cannot be fulfilled on gizmos.example.io "g1": the object has been "#
                    + "modified; please apply your changes to the latest version and try again")
        }
        try await Gizmos.with(races: StoreUpdate.attempts - 1) { gizmos in
            try await gizmos.put("g1")
            let text = String(repeating: "x", count: 70_000)
            let answer = try await gizmos.patch("g1", #"{"metadata":{"annotations":{"text":"\#(text)"}}}"#)
            #expect(answer.status == 200)
        }
    }

    @Test func aPatchThatDemandsAVersionIsNotDoneToAnother() async throws {
        try await Gizmos.with(races: 1) { gizmos in
            let version = try await gizmos.put("g1").resourceVersion
            let answer = try await gizmos.patch(
                "g1", #"{"metadata":{"resourceVersion":"\#(version)","labels":{"a":"b"}}}"#)
            #expect(answer.status == 409)
            #expect(try await gizmos.metadata("g1").labels.isEmpty)
        }
    }

    @Test func anObjectThatGoesMeanwhileIsA404() async throws {
        try await Gizmos.with(races: 1, by: .deleting) { gizmos in
            try await gizmos.put("g1")
            #expect(try await gizmos.patch("g1", #"{"spec":{"color":"blue"}}"#).status == 404)
            #expect(try await gizmos.patch("g2", #"{"spec":{"color":"blue"}}"#).status == 404)
        }
    }

    @Test func r05OnlyAChangeIsAnEventAndSelectorsSeeIt() async throws {
        try await Gizmos.with { gizmos in
            let before = try await gizmos.put("g1").resourceVersion
            let events = try gizmos.store.watch("gizmos", after: before)
            for body in ["{}", #"{"spec":{"color":"red"}}"#, #"{"metadata":{"labels":{"a":null}}}"#] {
                #expect(try await gizmos.patch("g1", body).version == before.description)
            }
            let changed = try await gizmos.patch("g1", #"{"metadata":{"labels":{"a":"b"}},"spec":{"color":"blue"}}"#)
            let event = try await events.next()
            #expect(event?.type == .modified)
            #expect(event?.resourceVersion.description == changed.version)
            #expect(event?.object.labels == ["a": "b"])
            #expect(event?.object.fields["spec.color"] == "blue")
            #expect(event.map { String(decoding: $0.object.object.json, as: UTF8.self) } == changed.text)
        }
    }

    @Test func theLastFinalizerIsADeletionAtTheVersionOfTheAnswer() async throws {
        try await Gizmos.with { gizmos in
            try await gizmos.put("g1", finalizers: ["example.io/a"])
            let marked = try await gizmos.send(.DELETE, "g1", "")
            #expect(marked.json["metadata"]?["deletionTimestamp"] != nil)
            let events = try gizmos.store.watch("gizmos", after: gizmos.store.currentVersion)
            let last = try await gizmos.patch(
                "g1", #"{"metadata":{"resourceVersion":"\#(marked.version)","finalizers":null}}"#)
            #expect(last.status == 200)
            #expect(last.json["metadata"]?["finalizers"] == nil)
            let event = try await events.next()
            #expect(event?.type == .deleted)
            #expect(event?.resourceVersion.description == last.version)
            #expect(try await gizmos.store.get("gizmos", Gizmos.key("g1")) == nil)
        }
    }

    @Test func r03ADryRunOfAChangeLeavesTheStoreAlone() async throws {
        try await Gizmos.with { gizmos in
            let before = try await gizmos.put("g1").resourceVersion
            let answer = try await gizmos.patch("g1", #"{"spec":{"color":"blue"}}"#, query: "?dryRun=All")
            #expect(answer.json["spec"]?["color"] == "blue")
            #expect(answer.version == before.description)
            #expect(gizmos.store.currentVersion == before)
        }
    }

    /// Conformance 10.2: never a 404 for a store that can't answer.
    @Test func aStoreThatIsClosedIsA503() async throws {
        try await Gizmos.with { gizmos in
            try await gizmos.put("g1")
            await gizmos.embedded.close()
            #expect(try await gizmos.patch("g1", #"{"spec":{"color":"blue"}}"#).status == 503)
        }
    }
}
