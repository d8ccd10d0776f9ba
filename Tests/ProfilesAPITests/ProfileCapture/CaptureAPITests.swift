import APIMachinery
import Foundation
import HTTPTransport
import NIOHTTP1
import ProfileCapture
import ProfileStore
import Synchronization
import TestSupport
import Testing

@testable import APIServer
@testable import ProfilesAPI

/// Pods that a test gives.
struct GivenPods: PodSource {
    let all: [Pod]
    func pods(in namespace: String) async throws(CaptureError) -> [Pod] { all.filter { $0.key.namespace == namespace } }

    /// Running pods of namespace `shop` on loopback, opted in at `port`.
    init(_ names: [String] = ["web-1"], port: Int, annotations: [String: String] = ["profefe.com/enable": "true"]) {
        all = names.map { name in
            var annotations = annotations
            if annotations["profefe.com/enable"] != nil { annotations["profefe.com/port"] = String(port) }
            return Pod(
                key: ObjectKey(namespace: "shop", name: name), uid: "uid-\(name)", labels: ["app": "web"],
                annotations: annotations,
                nodeName: "node-1", address: "127.0.0.1", containers: [.init(name: "app")],
                workload: .init(kind: "Deployment", name: "web"))
        }
    }
}

struct CaptureAPITests {
    /// What a real target answers; `busy` times the profiler is in use.
    private static func profiles(_ target: String) -> ScriptedTarget.Reply {
        let name = target.split(separator: "/").last?.split(separator: "?").first.map(String.init) ?? ""
        return (try? ProfileFixture(rawValue: name == "profile" ? "cpu" : name)?.bytes).map { .ok($0) }
            ?? .text(404, "no")
    }

    /// Runs `body` with an API whose pods are the target's.
    private func with(
        _ names: [String] = ["web-1"], annotations: [String: String] = ["profefe.com/enable": "true"],
        rule: @escaping TestAPI.Rule = { _ in true }, limits: (inout CaptureService.Limits) -> Void = { _ in },
        directory: String? = nil,
        reply: @escaping @Sendable (String, Int) -> ScriptedTarget.Reply = { target, _ in profiles(target) },
        _ body: @escaping @Sendable (TestAPI, ScriptedTarget) async throws -> Void
    ) async throws {
        var options = TestAPI.Options()
        options.rule = rule
        options.directory = directory
        limits(&options.captures)
        let chosen = options
        try await ScriptedTarget.with(reply) { origin in
            var options = chosen
            options.pods = GivenPods(names, port: origin.port, annotations: annotations)
            try await TestAPI.with(options) { api in try await body(api, origin) }
        }
    }

    /// Waits for the capture's end by a watch, as `kubectl wait` does.
    private func ended(_ api: TestAPI, _ name: String = "now") async throws -> JSONValue {
        let query = "fieldSelector=metadata.name%3D\(name)&resourceVersion=0&watch=true"
        return try await api.watch("\(TestAPI.captures)?\(query)") { events in
            let all = await events.until { event in
                let phase = event.at("object/status/phase")?.stringValue ?? ""
                return ["Succeeded", "Failed", "Cancelled"].contains(phase) || event["type"]?.stringValue == "DELETED"
            }
            return all.last?["object"] ?? .null
        }
    }

    private static func spec(_ more: JSONValue = [:]) -> JSONObject {
        var spec = JSONObject([("target", ["podName": "web-1"]), ("types", ["cpu", "heap"]), ("duration", "2s")])
        for (key, value) in more.objectValue ?? JSONObject() { spec[key] = value }
        return spec
    }

    private func condition(_ object: JSONValue, _ type: String) -> String? {
        (object.at("status/conditions")?.arrayValue ?? []).first { $0["type"]?.stringValue == type }?["status"]?
            .stringValue
    }

    @Test func aCaptureBecomesProfiles() async throws {
        try await with { api, origin in
            let created = try await api.create(
                TestAPI.captures, captureObject(Self.spec(["profileLabels": ["incident": "42"]])))
            #expect(created.status == 201)
            #expect(created.json.at("status/phase")?.stringValue == "Pending")
            #expect(created.json.at("status/requestedBy/username")?.stringValue == "alice")
            #expect(condition(created.json, "Accepted") == "True" && condition(created.json, "Complete") == "False")
            let object = try await ended(api)
            #expect(object.at("status/phase")?.stringValue == "Succeeded")
            #expect(condition(object, "Complete") == "True" && condition(object, "Failed") == "False")
            #expect(object.at("status/profileCount")?.integerValue == 2)
            #expect(origin.requests == ["/debug/pprof/profile?seconds=2", "/debug/pprof/heap"])
            let results = object.at("status/results")?.arrayValue ?? []
            #expect(results.compactMap { $0["type"]?.stringValue } == ["cpu", "heap"])
            for (result, fixture) in zip(results, [ProfileFixture.cpu, .heap]) {
                let name = result["profile"]?.stringValue ?? ""
                let profile = try await api.send(.GET, "\(TestAPI.profiles)/\(name)").json
                #expect(profile.at("spec/source/kind")?.stringValue == "Capture")
                #expect(profile.at("spec/source/name")?.stringValue == "now")
                #expect(profile.at("spec/source/uid") == object.at("metadata/uid"))
                #expect(profile.at("spec/podRef/name")?.stringValue == "web-1")
                #expect(profile.at("spec/nodeName")?.stringValue == "node-1")
                #expect(profile.at("spec/service")?.stringValue == "web")
                let labels = profile.at("metadata/labels")
                #expect(labels?["profefe.io/capture"]?.stringValue == "now")
                #expect(labels?["profefe.io/workload"]?.stringValue == "deployment.web")
                #expect(labels?["incident"]?.stringValue == "42")
                #expect(try await api.send(.GET, "\(TestAPI.profiles)/\(name)/download").body == (try fixture.bytes))
            }
            let selected = try await api.send(.GET, "\(TestAPI.profiles)?fieldSelector=spec.source.name%3Dnow")
            #expect(selected.names.count == 2)
        }
    }

    @Test func theTableTellsHowFarItIs() async throws {
        try await with { api, _ in
            _ = try await api.create(TestAPI.captures, captureObject(Self.spec()))
            _ = try await ended(api)
            let table = try await api.send(.GET, TestAPI.captures, .table)
            #expect(
                table.columns == [
                    "Name", "Status", "Types", "Pods", "Profiles", "Duration", "Age", "Target", "Requested-By",
                    "Message",
                ])
            #expect(table.rows == [["now", "Succeeded", "cpu,heap", "1/1", "2", "2s", "0s", "pod/web-1", "alice", ""]])
        }
    }

    @Test func everyStepIsAnEvent() async throws {
        try await with { api, _ in
            let list = try await api.send(.GET, TestAPI.captures)
            let version = list.json.at("metadata/resourceVersion")?.stringValue ?? ""
            _ = try await api.create(TestAPI.captures, captureObject(Self.spec()))
            let seen = try await api.watch("\(TestAPI.captures)?watch=true&resourceVersion=\(version)") { events in
                await events.until { $0.at("object/status/phase")?.stringValue == "Succeeded" }
            }
            let steps = seen.map { event in
                "\(event["type"]?.stringValue ?? "") \(event.at("object/status/phase")?.stringValue ?? "") "
                    + "\(event.at("object/status/profileCount")?.integerValue ?? -1)"
            }
            #expect(
                steps == [
                    "ADDED Pending 0", "MODIFIED Running 0", "MODIFIED Running 1", "MODIFIED Running 2",
                    "MODIFIED Succeeded 2",
                ])
            let versions = seen.compactMap {
                $0.at("object/metadata/resourceVersion")?.stringValue.flatMap { UInt64($0) }
            }
            #expect(versions == versions.sorted() && Set(versions).count == 5)
        }
    }

    @Test func fieldsSelect() async throws {
        try await with { api, _ in
            _ = try await api.create(TestAPI.captures, captureObject(Self.spec()))
            _ = try await ended(api)
            for (selector, count) in [
                ("status.phase%3DSucceeded", 1), ("status.phase%3DRunning", 0), ("spec.target.podName%3Dweb-1", 1),
                ("spec.target.podName%3Dweb-2", 0),
            ] {
                let answer = try await api.send(.GET, "\(TestAPI.captures)?fieldSelector=\(selector)")
                #expect(answer.names.count == count)
            }
        }
    }

    @Test func withoutOptInTheRequesterNeedsTheRightOnThePod() async throws {
        let rule: TestAPI.Rule = { attributes in
            attributes.resource != "pods"
                || (attributes.user.name == "bob" && attributes.subresource == "portforward"
                    && attributes.verb == "create"
                    && attributes.namespace == "shop" && attributes.name == "web-1")
        }
        try await with(annotations: [:], rule: rule) { api, origin in
            let spec = Self.spec(["types": ["heap"], "endpoint": ["port": .integer(Int64(origin.port))]])
            _ = try await api.create(TestAPI.captures, captureObject("alices", spec))
            let refused = try await ended(api, "alices")
            #expect(condition(refused, "Failed") == "True")
            #expect(refused.at("status/results")?.arrayValue?.first?["reason"]?.stringValue == "Forbidden")
            #expect(refused.at("status/targets/failed")?.integerValue == 1)
            #expect(origin.requests.isEmpty)
            _ = try await api.create(TestAPI.captures, captureObject("bobs", spec), user: "bob")
            #expect(try await ended(api, "bobs").at("status/phase")?.stringValue == "Succeeded")
        }
    }

    @Test func deletingARunningCaptureEndsIt() async throws {
        try await with(reply: { _, _ in .hang }) { api, origin in
            let created = try await api.create(TestAPI.captures, captureObject(Self.spec()))
            await origin.waitForRequests(1)
            let uid = created.json.at("metadata/uid")?.stringValue ?? ""
            #expect(api.api.captures.knows(uid: uid))
            #expect(try await api.send(.DELETE, "\(TestAPI.captures)/now").status == 200)
            while api.api.captures.knows(uid: uid) { await Task.yield() }
            #expect(try await api.send(.GET, "\(TestAPI.captures)/now").status == 404)
            #expect(try await api.send(.GET, TestAPI.profiles).names.isEmpty)
        }
    }

    @Test func aFinalizerLeavesACancelledCapture() async throws {
        try await with(reply: { _, _ in .hang }) { api, origin in
            let object = captureObject(Self.spec(), metadata: JSONObject([("finalizers", ["example.com/keep"])]))
            _ = try await api.create(TestAPI.captures, object)
            await origin.waitForRequests(1)
            let deleted = try await api.send(.DELETE, "\(TestAPI.captures)/now")
            #expect(deleted.json.at("metadata/deletionTimestamp") != nil)
            let object2 = try await ended(api)
            #expect(object2.at("status/phase")?.stringValue == "Cancelled")
            #expect(condition(object2, "Failed") == "True")
        }
    }

    @Test func aFullQueueIsAnAnswer() async throws {
        try await with(
            limits: {
                $0.running = 1
                $0.queued = 1
            }, reply: { _, _ in .hang }
        ) { api, origin in
            _ = try await api.create(TestAPI.captures, captureObject("a", Self.spec()))
            await origin.waitForRequests(1)
            #expect(try await api.create(TestAPI.captures, captureObject("b", Self.spec())).status == 201)
            let refused = try await api.create(TestAPI.captures, captureObject("c", Self.spec()))
            #expect(refused.status == 429 && refused.reason == "TooManyRequests")
            #expect(refused.header("retry-after") == "5")
            #expect(try await api.send(.GET, "\(TestAPI.captures)/c").status == 404)
            // A dry run takes no place, and a name that is taken gives its place back.
            #expect(
                try await api.create("\(TestAPI.captures)?dryRun=All", captureObject("d", Self.spec())).status == 201)
            _ = try await api.send(.DELETE, "\(TestAPI.captures)/b")
            while try await api.create(TestAPI.captures, captureObject("a", Self.spec())).status == 429 {
                await Task.yield()
            }
            #expect(try await api.create(TestAPI.captures, captureObject("a", Self.spec())).status == 409)
            #expect(try await api.create(TestAPI.captures, captureObject("e", Self.spec())).status == 201)
        }
    }

    @Test func aCaptureGoesWhenItsTimeIsOver() async throws {
        try await with { api, _ in
            _ = try await api.create(TestAPI.captures, captureObject(Self.spec(["ttlSecondsAfterFinished": 60])))
            _ = try await ended(api)
            api.set(TestAPI.start.adding(.seconds(59)))
            let gone = try await api.watch("\(TestAPI.captures)?watch=true&resourceVersion=0") { events in
                _ = await events.next()
                api.clock.advance(by: .seconds(1))
                api.set(TestAPI.start.adding(.seconds(60)))
                // The sweep may be between two pauses: it is woken until it has looked.
                let pump = Task {
                    while !Task.isCancelled {
                        api.clock.advance(by: .seconds(1))
                        await Task.yield()
                    }
                }
                defer { pump.cancel() }
                return await events.until { $0["type"]?.stringValue == "DELETED" }.last
            }
            #expect(gone?.at("object/metadata/name")?.stringValue == "now")
            #expect(try await api.send(.GET, TestAPI.profiles).names.count == 2)
        }
    }

    @Test func anInterruptedCaptureGoesOnWithoutTakingTwice() async throws {
        let directory = NSTemporaryDirectory() + "captures-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // The first server takes the CPU profile and is stopped while it waits for the heap.
        try await with(directory: directory, reply: { target, number in number == 1 ? Self.profiles(target) : .hang }) {
            api, origin in
            _ = try await api.create(TestAPI.captures, captureObject(Self.spec()))
            await origin.waitForRequests(2)
        }
        try await with(directory: directory) { api, origin in
            let object = try await ended(api)
            #expect(object.at("status/phase")?.stringValue == "Succeeded")
            #expect(origin.requests == ["/debug/pprof/heap"])
            #expect(object.at("status/profileCount")?.integerValue == 2)
            #expect(object.at("status/results")?.arrayValue?.count == 2)
            #expect(try await api.send(.GET, TestAPI.profiles).names.count == 2)
        }
    }

    @Test func aProfileThatTheStatusDoesNotTellOfIsFound() async throws {
        let directory = NSTemporaryDirectory() + "captures-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await with(directory: directory, reply: { target, number in number == 1 ? Self.profiles(target) : .hang }) {
            api, origin in
            _ = try await api.create(TestAPI.captures, captureObject(Self.spec()))
            await origin.waitForRequests(2)
            // What a kill between the two commits leaves: the profile is there, and the status knows nothing of it.
            let key = ObjectKey(namespace: "shop", name: "now")
            _ = try await api.store.update("profilecaptures", key) { stored throws(StoreError) in
                var document = try CaptureDocument(stored)
                document.status.progress = CaptureProgress()
                document.status.progress.phase = .running
                return .replace(document.draft)
            }
        }
        try await with(directory: directory) { api, origin in
            let object = try await ended(api)
            #expect(origin.requests == ["/debug/pprof/heap"])
            #expect(object.at("status/profileCount")?.integerValue == 2)
            let first = object.at("status/results")?.arrayValue?.first
            let bytes = try ProfileFixture.cpu.bytes
            #expect(first?["type"]?.stringValue == "cpu" && first?["bytes"]?.integerValue == Int64(bytes.count))
        }
    }

    @Test func aBadSpecIsRefusedAndADryRunStartsNothing() async throws {
        try await with { api, origin in
            let bad = try await api.create(
                TestAPI.captures, captureObject(Self.spec(["duration": "1h", "maxPods": 0])))
            #expect(bad.status == 422 && bad.causes.contains("spec.maxPods"))
            let dry = try await api.create("\(TestAPI.captures)?dryRun=All", captureObject(Self.spec()))
            #expect(dry.status == 201 && dry.json.at("metadata/resourceVersion") == nil)
            #expect(dry.json.at("spec/retry") == nil || dry.json.at("spec/maxPods")?.integerValue == 10)
            let unnamed = try await api.create(
                TestAPI.captures, .object(JSONObject([("spec", .object(Self.spec()))])))
            #expect(unnamed.status == 422 && unnamed.causes == ["metadata.name"])
            #expect(try await api.send(.GET, TestAPI.captures).names.isEmpty)
            #expect(origin.requests.isEmpty)
        }
    }

    @Test func whatAClientSaysOfTheStatusCountsForNothing() async throws {
        try await with { api, _ in
            var object = captureObject(Self.spec()).objectValue ?? JSONObject()
            object["status"] = ["phase": "Succeeded", "requestedBy": ["username": "admin"]]
            let created = try await api.create(TestAPI.captures, .object(object))
            #expect(created.json.at("status/phase")?.stringValue == "Pending")
            #expect(created.json.at("status/requestedBy/username")?.stringValue == "alice")
            #expect(try await ended(api).at("status/profileCount")?.integerValue == 2)
        }
    }
}
