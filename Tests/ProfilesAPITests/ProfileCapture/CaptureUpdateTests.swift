import APIMachinery
import NIOHTTP1
import ProfileCapture
import ProfileStore
import TestSupport
import Testing

@testable import ProfilesAPI

/// Update and patch of captures: metadata and `ttlSecondsAfterFinished`, nothing else.
struct CaptureUpdateTests {
    private static let path = "\(TestAPI.captures)/now"
    private static let spec: JSONObject = ["target": ["podName": "web-1"], "types": ["heap"]]

    /// Runs `body` with a capture that is never run.
    private func with(_ body: @escaping @Sendable (TestAPI, Answer) async throws -> Void) async throws {
        var options = TestAPI.Options()
        options.runs = false
        try await TestAPI.with(options) { api in
            try await body(api, try await api.create(TestAPI.captures, captureObject(Self.spec)))
        }
    }

    /// R05, R10: as `kubectl replace -f` sends it, without what the server has filled in.
    @Test func theFileItWasMadeOfReplacesACapture() async throws {
        try await with { api, created in
            let version = try #require(created.json.at("metadata/resourceVersion"))
            let same = try await api.send(
                .PUT, Self.path, body: captureObject(Self.spec, metadata: ["resourceVersion": version]).encoded())
            #expect(same.status == 200)
            #expect(same.json == created.json)
            let labels: JSONObject = ["resourceVersion": version, "labels": ["a": "b"]]
            let labeled = try await api.send(
                .PUT, Self.path, body: captureObject(Self.spec, metadata: labels).encoded())
            #expect(labeled.status == 200)
            #expect(labeled.json.at("metadata/uid") == created.json.at("metadata/uid"))
            #expect(labeled.json.at("metadata/generation") == 1)
            #expect(labeled.json.at("spec") == created.json.at("spec"))
            #expect(labeled.json.at("status") == created.json.at("status"))
            #expect(try await api.send(.GET, "\(TestAPI.captures)?labelSelector=a%3Db").names == ["now"])
        }
    }

    @Test(arguments: [
        (#"{"spec":{"duration":"9s"}}"#, ["spec.duration"]), (#"{"spec":{"types":["cpu"]}}"#, ["spec.types"]),
        (#"{"spec":{"target":{"podName":"web-2"}}}"#, ["spec.target"]),
        (#"{"spec":{"service":"x"}}"#, ["spec.service"]),
        (#"{"spec":{"maxPods":9,"retry":{"limit":1}}}"#, ["spec.maxPods", "spec.retry"]),
        (#"{"spec":{"ttlSecondsAfterFinished":-1}}"#, ["spec.ttlSecondsAfterFinished"]),
        (#"{"spec":{"ttlSecondsAfterFinished":"1h"}}"#, ["spec.ttlSecondsAfterFinished"]),
    ])
    func theSpecIsImmutableButForTheTimeItIsKept(_ patch: String, _ fields: [String]) async throws {
        try await with { api, created in
            let answer = try await Self.patch(api, patch)
            #expect(answer.status == 422)
            #expect(answer.causes.sorted() == fields)
            #expect(try await api.send(.GET, Self.path).json == created.json)
        }
    }

    @Test func theTimeItIsKeptCanBeSetChangedAndTakenAway() async throws {
        try await with { api, _ in
            for (index, seconds) in [JSONValue.integer(60), 3600, nil].enumerated() {
                let patch: JSONValue = ["spec": ["ttlSecondsAfterFinished": seconds]]
                let answer = try await Self.patch(api, String(decoding: patch.encoded(), as: UTF8.self))
                #expect(answer.status == 200)
                #expect(
                    answer.json.at("spec/ttlSecondsAfterFinished")
                        == (seconds.isNull ? Optional<JSONValue>.none : seconds))
                #expect(answer.json.at("metadata/generation") == .integer(Int64(index + 2)))
            }
        }
    }

    /// R06.
    @Test(arguments: [#"{"status":{"phase":"Succeeded"}}"#, #"{"status":null}"#, #"{"status":5}"#])
    func theStatusIsTheServers(_ patch: String) async throws {
        try await with { api, created in
            let answer = try await Self.patch(api, patch)
            #expect(answer.status == 200)
            #expect(answer.json == created.json)
        }
    }

    @Test func theStatusIsReadUnderItsOwnPathAndNotWritten() async throws {
        try await with { api, created in
            let whole = try await api.send(.GET, "\(Self.path)/status")
            #expect(whole.json == created.json)
            let table = try await api.send(.GET, "\(Self.path)/status", .table)
            #expect(table.rows.count == 1)
            let absent = try await api.send(.GET, "\(TestAPI.captures)/none/status")
            #expect(absent.status == 404)
            let written = try await api.send(.PUT, "\(Self.path)/status", body: created.body)
            #expect(written.status == 405)
        }
    }

    /// A change of the client and one of the controller at once: both stay.
    @Test func r08StatusAndLabelsDontOvertakeEachOther() async throws {
        try await with { api, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask { _ = try await Self.patch(api, #"{"metadata":{"labels":{"l\#(index)":"x"}}}"#) }
                    group.addTask {
                        let key = ObjectKey(namespace: "shop", name: "now")
                        _ = try await api.store.update("profilecaptures", key) { stored throws(StoreError) in
                            var document = try CaptureDocument(stored)
                            document.status.progress.bytes += 1
                            return .replace(document.draft)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let answer = try await api.send(.GET, Self.path)
            #expect(answer.json.at("status/bytes") == 20)
            #expect(answer.json.at("metadata/labels")?.objectValue?.count == 20)
        }
    }

    static func patch(_ api: TestAPI, _ body: String) async throws -> Answer {
        try await api.send(
            .PATCH, path, ["content-type": "application/merge-patch+json"], body: Array(body.utf8))
    }
}
