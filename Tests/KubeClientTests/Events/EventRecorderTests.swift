import APIMachinery
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubeClient

struct EventRecorderTests {
    private static let events = "/apis/events.k8s.io/v1/namespaces/shop/events"

    private func event(_ note: String = "cpu of pod web-1: abc", of name: String = "web-now") -> KubeEvent {
        KubeEvent(
            regarding: KubeObjectReference(
                apiVersion: "profefe.io/v1", kind: "ProfileCapture", namespace: "shop", name: name, uid: "u1"),
            severity: .normal, reason: "Profiled", action: "Capture", note: note)
    }

    /// A recorder that runs beside `body`.
    private func with(
        clock: ManualClock = ManualClock(), _ body: (FakeKubeAPI, EventRecorder) async throws -> Void
    ) async throws {
        try await FakeKubeAPI.with { api in
            try api.putNamespace("shop")
            let recorder = EventRecorder(
                client: try KubeClient.make(api), reporter: "profefe.io/apiserver", instance: "pod-1",
                clock: SteadyClock(clock), logger: .silent)
            let running = Task { await recorder.run() }
            do {
                try await body(api, recorder)
            } catch {
                running.cancel()
                throw error
            }
            running.cancel()
            await running.value
        }
    }

    private func written(_ api: FakeKubeAPI) -> [JSONValue] {
        api.requests.filter { $0.method == "POST" && $0.path == Self.events }.compactMap(\.body)
    }

    @Test func anEventSaysWhatHappenedToWhom() async throws {
        try await with { api, recorder in
            recorder.record(event())
            await api.wait { $0.count("POST", Self.events) == 1 }
            let made = try #require(written(api).first)
            #expect(made["regarding"]?["uid"] == "u1" && made["regarding"]?["kind"] == "ProfileCapture")
            #expect(made["type"] == "Normal" && made["reason"] == "Profiled" && made["action"] == "Capture")
            #expect(made["note"] == "cpu of pod web-1: abc")
            #expect(made["reportingController"] == "profefe.io/apiserver" && made["reportingInstance"] == "pod-1")
            #expect(made["metadata"]?["name"]?.stringValue?.hasPrefix("web-now.") == true)
            // As MicroTime, or kube-apiserver refuses it.
            #expect(made["eventTime"]?.stringValue?.count == "2026-11-22T08:00:00.000000Z".count)
        }
    }

    @Test func equalEventsBecomeOneWithACount() async throws {
        let clock = ManualClock()
        try await with(clock: clock) { api, recorder in
            for _ in 0..<3 { recorder.record(event()) }
            recorder.record(event("heap of pod web-1: def"))
            await api.wait { $0.count("POST", Self.events) == 2 }
            #expect(api.requests.filter { $0.method == "PATCH" }.compactMap { $0.body?["series"]?["count"] } == [2, 3])
            clock.advance(by: EventMemory.recent)
            recorder.record(event())
            await api.wait { $0.count("POST", Self.events) == 3 }
        }
    }

    @Test func aCountedEventThatIsGoneIsWrittenAnew() async throws {
        try await with { api, recorder in
            recorder.record(event())
            await api.wait { $0.count("POST", Self.events) == 1 }
            let name = try #require(written(api).first?["metadata"]?["name"]?.stringValue)
            await api.wait { $0.object(at: "\(Self.events)/\(name)") != nil }
            try api.remove("\(Self.events)/\(name)")
            recorder.record(event())
            await api.wait { $0.count("POST", Self.events) == 2 }
        }
    }

    /// Nobody waits, nothing is tried for ever, and what comes later is written.
    @Test(arguments: [FakeKubeFault.status(403, .forbidden), .status(500), .garbage])
    func whatIsRefusedIsDropped(_ fault: FakeKubeFault) async throws {
        try await with { api, recorder in
            api.fail(FakeKubeFaultRule(fault, times: 1))
            recorder.record(event("first"))
            recorder.record(event("second"))
            await api.wait { $0.count("POST", Self.events) == 2 }
            #expect(written(api).map { $0["note"] } == ["first", "second"])
        }
    }

    @Test func aLongNoteIsCut() {
        let note = event(String(repeating: "ä", count: 2_000)).note
        #expect(note.utf8.count <= KubeEvent.maximumNoteBytes && note.utf8.count > 1_000 && note.hasSuffix("ä…"))
    }
}
