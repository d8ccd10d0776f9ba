import APIMachinery
import Logging
import ProfileStore
import TestSupport
import Testing

@testable import ProfileCapture

struct CaptureServiceTests {
    /// A service over a target that hangs until its `release`d number of requests, with its loop running.
    private func withService(
        running: Int = 1, queued: Int = 2, pods: [Pod] = [.sample()], observer: SampleObserver = SampleObserver(),
        reply: @escaping @Sendable (String, Int) -> ScriptedTarget.Reply,
        _ body: @escaping @Sendable (CaptureService, ScriptedTarget, SampleObserver) async throws -> Void
    ) async throws {
        try await ScriptedTarget.with(reply) { origin in
            try await withFetcher { fetcher in
                let runner = CaptureRunner(
                    resolver: TargetResolver(pods: SamplePods(pods)) { _, _ in true }, fetcher: fetcher,
                    sink: SampleSink(),
                    observer: observer, clock: ManualClock(), now: { .earliest })
                var limits = CaptureService.Limits()
                limits.running = running
                limits.queued = queued
                let service = CaptureService(runner: runner, limits: limits, logger: .silent)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await service.run() }
                    defer { group.cancelAll() }
                    try await body(service, origin, observer)
                }
            }
        }
    }

    private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    private func submit(_ service: CaptureService, _ name: String, port: Int) {
        #expect(service.reserve(uid: "uid-of-\(name)"))
        service.submit(.sample(.sample(port: port), name: name))
    }

    @Test func runsWhatIsSubmitted() async throws {
        try await withService(reply: { _, _ in .text(404, "no") }) { service, origin, observer in
            submit(service, "a", port: origin.port)
            await until { observer.last.phase == .failed && !service.knows(uid: "uid-of-a") }
        }
    }

    @Test func placesAreBounded() async throws {
        try await withService(reply: { _, _ in .hang }) { service, origin, _ in
            submit(service, "running", port: origin.port)
            await origin.waitForRequests(1)
            submit(service, "first", port: origin.port)
            #expect(service.reserve(uid: "second"))
            #expect(!service.reserve(uid: "third"))
            service.release(uid: "second")
            #expect(!service.knows(uid: "second"))
            #expect(service.reserve(uid: "third"))
            // What a restart interrupted was admitted before.
            service.resume(.sample(.sample(port: origin.port), name: "old"))
            #expect(service.knows(uid: "uid-of-old"))
            #expect(origin.requests.count == 1)
        }
    }

    @Test func cancellingARunningCaptureLetsTheNextBegin() async throws {
        try await withService(reply: { _, _ in .hang }) { service, origin, observer in
            submit(service, "a", port: origin.port)
            await origin.waitForRequests(1)
            submit(service, "b", port: origin.port)
            service.cancel(uid: "uid-of-a")
            await origin.waitForRequests(2)
            await until { !service.knows(uid: "uid-of-a") }
            #expect(service.knows(uid: "uid-of-b"))
            // A cancelled capture says nothing more.
            #expect(observer.all.allSatisfy { $0.phase == .running })
        }
    }

    @Test func cancellingAWaitingOrReservedCaptureForgetsIt() async throws {
        try await withService(reply: { _, _ in .hang }) { service, origin, _ in
            submit(service, "a", port: origin.port)
            await origin.waitForRequests(1)
            submit(service, "b", port: origin.port)
            service.cancel(uid: "uid-of-b")
            #expect(!service.knows(uid: "uid-of-b"))
            #expect(service.reserve(uid: "uid-of-c"))
            service.cancel(uid: "uid-of-c")
            service.submit(.sample(.sample(port: origin.port), name: "c"))
            #expect(!service.knows(uid: "uid-of-c"))
            service.cancel(uid: "nobody")
        }
    }

    @Test func aCaptureIsNotRunTwice() async throws {
        try await withService(running: 4, reply: { _, _ in .hang }) { service, origin, _ in
            submit(service, "a", port: origin.port)
            await origin.waitForRequests(1)
            service.resume(.sample(.sample(port: origin.port), name: "a"))
            #expect(service.reserve(uid: "uid-of-b"))
            // The follower of captures sees it stored before the creator queues it.
            service.resume(.sample(.sample(port: origin.port), name: "b"))
            service.submit(.sample(.sample(port: origin.port), name: "b"))
            await origin.waitForRequests(2)
            submit(service, "c", port: origin.port)
            await origin.waitForRequests(3)
            #expect(origin.requests.count == 3)
        }
    }

    @Test func theEndOfTheServiceEndsRunningCaptures() async throws {
        let observer = SampleObserver()
        try await withService(observer: observer, reply: { _, _ in .hang }) { service, origin, _ in
            submit(service, "a", port: origin.port)
            await origin.waitForRequests(1)
        }
        #expect(observer.all.map(\.phase) == [.running])
    }
}
