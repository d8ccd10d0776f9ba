import APIMachinery
import ProfileCapture
import ProfileStore
import Testing

@testable import ProfilesAPI

struct CaptureStatusTests {
    private static let accepted = Timestamp(seconds: 1000) ?? .earliest
    private static let ended = Timestamp(seconds: 2000) ?? .earliest

    private func status(_ phase: CaptureProgress.Phase, _ change: (inout CaptureProgress) -> Void = { _ in })
        -> CaptureStatus
    {
        var status = CaptureStatus(
            requester: UserInfo(name: "alice", uid: "1", groups: ["dev"], extra: ["b/c": ["1", "2"], "a": []]),
            acceptedAt: Self.accepted)
        status.progress.phase = phase
        if phase.isFinal { status.progress.completionTime = Self.ended }
        change(&status.progress)
        return status
    }

    private func encoded(_ status: CaptureStatus) -> JSONValue {
        var writer = JSONWriter()
        writer.object { status.encode(into: &$0, generation: 3) }
        return (try? JSONValue.parse(writer.bytes)) ?? .null
    }

    /// `Type=Status/Reason@seconds` of each condition.
    private func conditions(_ status: CaptureStatus) -> [String] {
        (encoded(status)["conditions"]?.arrayValue ?? []).map { condition in
            func text(_ name: String) -> String { condition[name]?.stringValue ?? "" }
            let time = Timestamp(rfc3339: text("lastTransitionTime"))?.seconds ?? 0
            #expect(condition["observedGeneration"]?.integerValue == 3 && condition["message"] != nil)
            return "\(text("type"))=\(text("status"))/\(text("reason"))@\(time)"
        }
    }

    private func taken(_ progress: inout CaptureProgress) {
        var result = CaptureProgress.Result(pod: "web-1", type: .cpu)
        result.profile = "p"
        result.container = "app"
        result.bytes = 25_709
        result.durationNanos = 30_020_000_001
        result.attempts = 2
        progress.add(result)
    }

    private func missing(_ progress: inout CaptureProgress) {
        var result = CaptureProgress.Result(pod: "web-2", type: .heap)
        result.error = CaptureError(.profilerBusy, "busy \"quoted\"")
        result.attempts = 3
        progress.add(result)
        progress.failed = 1
    }

    @Test func kubectlCanWaitForEitherEnd() {
        #expect(conditions(status(.pending)) == ["Accepted=True/Accepted@1000", "Complete=False/Pending@1000"])
        #expect(conditions(status(.running)) == ["Accepted=True/Accepted@1000", "Complete=False/Running@1000"])
        #expect(
            conditions(status(.succeeded, taken)) == [
                "Accepted=True/Accepted@1000", "Complete=True/AllProfilesTaken@2000",
                "Failed=False/AllProfilesTaken@2000",
            ])
        #expect(
            conditions(
                status(.succeeded) {
                    taken(&$0)
                    missing(&$0)
                }) == [
                    "Accepted=True/Accepted@1000", "Complete=True/PartialFailure@2000",
                    "Failed=False/PartialFailure@2000",
                ])
        #expect(
            conditions(status(.failed, missing)) == [
                "Accepted=True/Accepted@1000", "Complete=False/NoProfile@1000", "Failed=True/NoProfile@2000",
            ])
        #expect(conditions(status(.cancelled)).last == "Failed=True/Cancelled@2000")
        #expect(conditions(status(.cancelled, taken)).dropFirst().first == "Complete=True/Cancelled@2000")
    }

    @Test func readsWhatItWrites() {
        let status = status(.succeeded) { progress in
            taken(&progress)
            missing(&progress)
            progress.startTime = Timestamp(seconds: 1500)
            (progress.selected, progress.attempted, progress.succeeded, progress.skipped) = (12, 3, 2, 9)
            progress.truncated = true
        }
        let read = CaptureStatus(json: encoded(status))
        #expect(read.progress == status.progress)
        #expect(read.requester == status.requester && read.acceptedAt == status.acceptedAt)
        #expect(read.progress.results.last?.error?.message == "busy \"quoted\"")
    }

    @Test func whatMakesNoSenseIsNothing() {
        for json: JSONValue in [
            .null, [:], ["phase": "Odd", "targets": 7, "results": [1, nil]], ["bytes": 1.5, "conditions": "x"],
        ] {
            let read = CaptureStatus(json: json)
            #expect(read.progress.phase == .pending && read.progress.bytes == 0 && read.requester.name == "")
        }
    }

    @Test func resultsHaveTheShapeOfTheAPI() {
        let results = encoded(
            status(.succeeded) {
                taken(&$0)
                missing(&$0)
            })["results"]
        #expect(
            results
                == [
                    [
                        "pod": "web-1", "container": "app", "type": "cpu", "state": "Succeeded", "profile": "p",
                        "bytes": 25_709,
                        "duration": "30.020000001s", "attempts": 2,
                    ],
                    [
                        "pod": "web-2", "type": "heap", "state": "Failed", "reason": "ProfilerBusy",
                        "message": "busy \"quoted\"",
                        "attempts": 3,
                    ],
                ])
    }
}
