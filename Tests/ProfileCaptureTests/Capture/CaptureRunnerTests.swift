import APIMachinery
import NIOConcurrencyHelpers
import ProfileStore
import TestSupport
import Testing

@testable import ProfileCapture

struct CaptureRunnerTests {
    /// What one run leaves behind.
    private struct Outcome {
        var progress: CaptureProgress
        var reports: [CaptureProgress]
        var requests: [String]
        var profiles: [CapturedProfile]
        var reasons: [String] { progress.results.compactMap { $0.error?.code.description } }
    }

    private static let start = Timestamp(seconds: 1_763_712_000) ?? .earliest

    /// Runs `job` against a target; `during` may move the clock while it runs.
    private func run(
        pods: [Pod] = [.sample()], sink: SampleSink = SampleSink(), observer: SampleObserver = SampleObserver(),
        clock: ManualClock = ManualClock(), now: Timestamp = start,
        reply: @escaping @Sendable (String, Int) -> ScriptedTarget.Reply, job: @escaping (Int) throws -> CaptureJob,
        during: @escaping @Sendable (ManualClock, ScriptedTarget) async -> Void = { _, _ in }
    ) async throws -> Outcome {
        try await ScriptedTarget.with(reply) { origin in
            try await withFetcher { fetcher in
                let runner = CaptureRunner(
                    resolver: TargetResolver(pods: SamplePods(pods)) { _, _ in true }, fetcher: fetcher, sink: sink,
                    observer: observer, clock: clock, now: { now })
                let job = try job(origin.port)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await runner.run(job) }
                    group.addTask { await during(clock, origin) }
                    await group.waitForAll()
                }
                return Outcome(
                    progress: observer.last, reports: observer.all, requests: origin.requests, profiles: sink.profiles)
            }
        }
    }

    private static func profiles(_ target: String) -> ScriptedTarget.Reply {
        let name = target.split(separator: "/").last?.split(separator: "?").first.map(String.init) ?? ""
        let fixture = ProfileFixture(rawValue: name == "profile" ? "cpu" : name)
        return (try? fixture?.bytes).map { .ok($0) } ?? .text(404, "404 page not found")
    }

    @Test func takesAllTypesCPUFirstAndReportsEach() async throws {
        let outcome = try await run(reply: { target, _ in Self.profiles(target) }) { port in
            .sample(.sample(port: port, types: [.heap, .goroutine, .cpu]))
        }
        #expect(
            outcome.requests == ["/debug/pprof/profile?seconds=1", "/debug/pprof/heap", "/debug/pprof/goroutine"])
        #expect(outcome.progress.phase == .succeeded)
        #expect(outcome.progress.results.map(\.type) == [.cpu, .heap, .goroutine])
        #expect(outcome.progress.results.map(\.attempts) == [1, 1, 1])
        #expect(outcome.progress.results.first?.durationNanos ?? 0 > 0)
        #expect(outcome.progress.profileCount == 3)
        #expect(outcome.progress.bytes == outcome.profiles.map(\.bytes.count).reduce(0, +))
        #expect(outcome.progress.selected == 1 && outcome.progress.attempted == 1 && outcome.progress.succeeded == 1)
        #expect(outcome.progress.startTime == Self.start && outcome.progress.completionTime == Self.start)
        #expect(outcome.reports.map(\.profileCount) == [0, 1, 2, 3, 3])
        #expect(outcome.reports.map(\.phase) == [.running, .running, .running, .running, .succeeded])
        #expect(outcome.profiles.allSatisfy { $0.captureUID == "uid-of-now" && $0.requester.name == "alice" })
    }

    @Test func aBusyProfilerIsTriedAgainAfterAPauseThatDoubles() async throws {
        let clock = ManualClock()
        let outcome = try await run(
            clock: clock,
            reply: { target, number in
                number < 3
                    ? .text(500, "Could not enable CPU profiling: cpu profiling already in use\n")
                    : Self.profiles(target)
            },
            job: { .sample(.sample(port: $0, types: [.cpu])) },
            during: { clock, _ in
                // Two sleep: the deadline and the pause.
                await clock.waitForSleepers(2)
                #expect(clock.pauses == [.seconds(5), .seconds(600)])
                clock.advance(by: .seconds(5))
                await clock.waitForSleepers(2)
                #expect(clock.pauses == [.seconds(10), .seconds(595)])
                clock.advance(by: .seconds(10))
            })
        #expect(outcome.progress.phase == .succeeded)
        #expect(outcome.progress.results.map(\.attempts) == [3])
        #expect(outcome.requests.count == 3)
        #expect(clock.sleeperCount == 0)
    }

    @Test func attemptsEndWithTheLimit() async throws {
        let outcome = try await run(
            reply: { _, _ in .text(500, "cpu profiling already in use") },
            job: { .sample(.sample(port: $0, types: [.cpu], retries: 1)) },
            during: { clock, _ in
                await clock.waitForSleepers(2)
                clock.advance(by: .seconds(5))
            })
        #expect(outcome.progress.phase == .failed)
        #expect(outcome.reasons == ["ProfilerBusy"])
        #expect(outcome.progress.results.map(\.attempts) == [2])
    }

    @Test func whatCannotGetBetterIsNotTriedAgain() async throws {
        let outcome = try await run(reply: { _, _ in .text(404, "404 page not found") }) { .sample(.sample(port: $0)) }
        #expect(outcome.requests.count == 1)
        #expect(outcome.reasons == ["NotFound"])
        #expect(
            outcome.progress.phase == .failed && outcome.progress.failed == 1 && outcome.progress.completionTime != nil)
    }

    @Test func oneMissingTypeIsAPartialFailureAndTheCaptureSucceeds() async throws {
        let outcome = try await run(
            reply: { target, _ in target.hasSuffix("mutex") ? .text(404, "no") : Self.profiles(target) },
            job: { .sample(.sample(port: $0, types: [.heap, .mutex, .goroutine])) })
        #expect(outcome.progress.phase == .succeeded)
        #expect(outcome.progress.profileCount == 2 && outcome.progress.failed == 1 && outcome.progress.succeeded == 0)
        #expect(outcome.progress.failureSummary.hasPrefix("NotFound"))
    }

    @Test func theDeadlineEndsAHangingFetchWithTimeout() async throws {
        let clock = ManualClock()
        let outcome = try await run(
            clock: clock, reply: { _, _ in .hang },
            job: { .sample(.sample(port: $0, types: [.heap, .goroutine], deadline: .seconds(60))) },
            during: { clock, origin in
                await origin.waitForRequests(1)
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(60))
            })
        #expect(outcome.progress.phase == .failed)
        #expect(outcome.reasons == ["Timeout", "Timeout"])
        #expect(outcome.progress.results.map(\.attempts) == [1, 0])
        #expect(
            outcome.progress.results.allSatisfy { $0.error?.message.contains("activeDeadlineSeconds (60)") == true })
        #expect(outcome.requests.count == 1)
    }

    @Test func theDeadlineLeavesOutPodsThatHaveNotBegun() async throws {
        let pods = (1...4).map { Pod.sample("web-\($0)") }
        let outcome = try await run(
            pods: pods, reply: { target, number in number == 1 ? Self.profiles(target) : .hang },
            job: { port in
                var spec = CaptureSpec.sample(
                    .selector(try LabelSelector(parsing: "app=web")), port: port, deadline: .seconds(60))
                spec.parallelism = 1
                return .sample(spec)
            },
            during: { clock, origin in
                await origin.waitForRequests(2)
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(60))
            })
        #expect(outcome.requests.count == 2)
        #expect(outcome.progress.phase == .succeeded)
        #expect(outcome.progress.attempted == 4 && outcome.progress.succeeded == 1 && outcome.progress.failed == 3)
        #expect(Set(outcome.progress.results.filter { $0.error != nil }.map(\.pod)) == ["web-2", "web-3", "web-4"])
        #expect(outcome.reasons == ["Timeout", "Timeout", "Timeout"])
    }

    @Test func podsRunSideBySideUpToParallelism() async throws {
        let pods = (1...5).map { Pod.sample("web-\($0)") }
        let outcome = try await run(
            pods: pods, reply: { target, _ in Self.profiles(target) },
            job: { port in
                var spec = CaptureSpec.sample(.selector(try LabelSelector(parsing: "app=web")), port: port)
                spec.parallelism = 2
                spec.maxPods = 4
                return .sample(spec)
            })
        #expect(outcome.progress.succeeded == 4 && outcome.progress.skipped == 1 && outcome.progress.selected == 5)
        #expect(Set(outcome.profiles.map(\.target.pod.key.name)) == ["web-1", "web-2", "web-3", "web-4"])
        // Never more pods under way than allowed: attempted runs ahead of the ended ones by at most two.
        #expect(outcome.reports.allSatisfy { $0.attempted - $0.succeeded - $0.failed <= 2 })
    }

    @Test func whatIsThereAlreadyIsNotTakenAgain() async throws {
        var taken = CaptureProgress.Result(pod: "web-1", type: .cpu)
        taken.profile = "before"
        taken.bytes = 7
        let outcome = try await run(reply: { target, _ in Self.profiles(target) }) { port in
            .sample(.sample(port: port, types: [.cpu, .heap]), earlier: [taken])
        }
        #expect(outcome.requests == ["/debug/pprof/heap"])
        #expect(outcome.progress.profileCount == 2)
        #expect(outcome.progress.results.map(\.profile) == ["before", "profile-1"])
        #expect(outcome.progress.succeeded == 1)
    }

    @Test func anInterruptedCaptureThatHasEverythingEnds() async throws {
        var taken = CaptureProgress.Result(pod: "web-1", type: .heap)
        taken.profile = "before"
        let outcome = try await run(reply: { _, _ in .hang }) { .sample(.sample(port: $0), earlier: [taken]) }
        #expect(outcome.requests.isEmpty)
        #expect(outcome.progress.phase == .succeeded && outcome.progress.succeeded == 1)
    }

    @Test func theDeadlineOfAnInterruptedCaptureCountsFromItsFirstBeginning() async throws {
        let long = Self.start.adding(.seconds(-600))
        let outcome = try await run(reply: { _, _ in .hang }) { .sample(.sample(port: $0), startTime: long) }
        #expect(outcome.requests.isEmpty)
        #expect(outcome.reasons == ["Timeout"])
        #expect(outcome.progress.startTime == long)
    }

    @Test func aTargetThatIsNotThereFailsTheCapture() async throws {
        let outcome = try await run(pods: [], reply: { _, _ in .hang }) { .sample(.sample(port: $0)) }
        #expect(outcome.reasons == ["PodGone"])
        #expect(outcome.progress.results.map(\.pod) == ["web-1"])
        #expect(outcome.progress.phase == .failed)
    }

    @Test func aPodThatIsRefusedCountsAsFailed() async throws {
        let bad = Pod.sample(annotations: ["port": "no port"])
        let outcome = try await run(pods: [bad], reply: { _, _ in .hang }) { .sample(.sample(port: $0)) }
        #expect(outcome.reasons == ["InvalidTarget"])
        #expect(outcome.progress.attempted == 1 && outcome.progress.failed == 1 && outcome.progress.selected == 1)
    }

    @Test func aProfileThatCannotBeKeptIsAFailure() async throws {
        let outcome = try await run(
            sink: SampleSink(refusing: ["web-1"]), reply: { target, _ in Self.profiles(target) },
            job: { .sample(.sample(port: $0)) })
        #expect(outcome.reasons == ["StoreUnavailable"])
        #expect(outcome.progress.profileCount == 0 && outcome.progress.phase == .failed)
    }

    @Test func aCaptureThatIsGoneStops() async throws {
        let outcome = try await run(
            observer: SampleObserver(goneAfter: 2), reply: { target, _ in Self.profiles(target) },
            job: { .sample(.sample(port: $0, types: [.heap, .goroutine, .mutex])) })
        #expect(outcome.reports.count == 2)
        #expect(outcome.progress.phase == .running)
        let never = try await run(
            observer: SampleObserver(goneAfter: 1), reply: { _, _ in .hang }, job: { .sample(.sample(port: $0)) })
        #expect(never.requests.isEmpty)
    }

    @Test func resultsAreCutAndTheCountsAreNot() {
        var progress = CaptureProgress()
        for number in 0..<300 {
            var result = CaptureProgress.Result(pod: "web-\(number)", type: .heap)
            result.profile = "p"
            result.bytes = 10
            progress.add(result)
        }
        #expect(progress.results.count == 256 && progress.truncated)
        #expect(progress.profileCount == 300 && progress.bytes == 3000)
    }
}
