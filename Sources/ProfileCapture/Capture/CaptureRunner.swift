public import APIMachinery

/// Runs one capture from its targets to its final phase.
///
/// Pods run side by side (`parallelism`), the types of one pod one after another, timed ones first: a process takes one CPU
/// profile at a time. A cancelled task leaves the status as it was last reported: either the capture was deleted, or the server
/// stops and the next start resumes it, without taking again what it already has. The deadline of the whole ends what is
/// under way with `Timeout`; of an interrupted capture it counts from its first beginning.
public struct CaptureRunner: Sendable {
    private let resolver: TargetResolver
    private let fetcher: ProfileFetcher
    private let sink: any ProfileSink
    private let observer: any CaptureObserver
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let announce: Announce

    /// Is told of each result once, as soon as there is one; must not wait.
    public typealias Announce = @Sendable (CaptureJob, CaptureProgress.Result) -> Void

    /// - Parameters:
    ///   - resolver: finds the pods.
    ///   - fetcher: takes one profile.
    ///   - sink: keeps it.
    ///   - observer: writes the status.
    ///   - clock: pauses between attempts and the deadline of the whole.
    ///   - now: wall-clock time for the status.
    ///   - announce: told of each result.
    public init(
        resolver: TargetResolver, fetcher: ProfileFetcher, sink: any ProfileSink, observer: any CaptureObserver,
        clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> Timestamp = { Timestamp.now() },
        announce: @escaping Announce = { _, _ in }
    ) {
        self.resolver = resolver
        self.fetcher = fetcher
        self.sink = sink
        self.observer = observer
        self.clock = clock
        self.now = now
        self.announce = announce
    }

    /// Runs `job` and reports each step; returns when it is final, or when it is cancelled or gone.
    public func run(_ job: CaptureJob) async {
        var progress = CaptureProgress(resuming: job.earlier)
        var told = progress.results.count
        progress.phase = .running
        let start = now()
        progress.startTime = job.startTime.map { min($0, start) } ?? start
        guard await report(job, progress, &told) else { return }
        do {
            let resolution = try await resolver.resolve(job.spec, in: job.key.namespace, for: job.requester)
            progress.selected = resolution.selected
            progress.skipped = resolution.skipped
            for (pod, uid, error) in resolution.refused { progress.refuse(pod, uid: uid, error) }
            let left = job.spec.activeDeadline - start.since(progress.startTime ?? start)
            guard await takeAll(job, resolution.targets, within: left, &progress, &told) else { return }
        } catch {
            var result = CaptureProgress.Result(pod: job.spec.target.podName)
            result.error = error
            progress.add(result)
        }
        if Task.isCancelled { return }
        progress.phase = progress.profileCount > 0 ? .succeeded : .failed
        progress.completionTime = now()
        _ = await report(job, progress, &told)
    }

    /// Announces the results that are new, and tells how far the capture is; false if it does not go on.
    private func report(_ job: CaptureJob, _ progress: CaptureProgress, _ told: inout Int) async -> Bool {
        for result in progress.results.dropFirst(told) { announce(job, result) }
        told = progress.results.count
        return await observer.captureChanged(job, progress)
    }

    /// What the tasks of one capture say.
    private enum Event: Sendable {
        case step(PodCapture.Step)
        case deadline
    }

    /// Takes the profiles of all targets, `parallelism` at a time; false if the capture was cancelled or is gone.
    private func takeAll(
        _ job: CaptureJob, _ targets: [CaptureTarget], within left: Duration, _ progress: inout CaptureProgress,
        _ told: inout Int
    ) async -> Bool {
        guard !targets.isEmpty else { return true }
        let (events, reports) = AsyncStream.makeStream(of: Event.self)
        var crew = Crew(waiting: targets[...], progress: progress)
        if left <= .zero {
            crew.abandonWaiting(job.spec.deadlineError("not begun"))
            progress = crew.progress
            return true
        }
        let goesOn = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                if (try? await clock.sleep(for: left)) != nil { reports.yield(.deadline) }
            }
            defer { group.cancelAll() }
            for _ in 0..<max(1, job.spec.parallelism) { start(crew.next(), job, in: &group, reports) }
            for await event in events {
                switch event {
                case .deadline:
                    group.cancelAll()
                    crew.abandonWaiting(job.spec.deadlineError("not begun"))
                case .step(let step):
                    crew.note(step)
                    if step.isComplete != nil { start(crew.next(), job, in: &group, reports) }
                }
                guard await report(job, crew.progress, &told) else { return false }
                if crew.running == 0 { return true }
            }
            return false
        }
        progress = crew.progress
        return goesOn && !Task.isCancelled
    }

    private func start(
        _ target: CaptureTarget?, _ job: CaptureJob, in group: inout TaskGroup<Void>,
        _ reports: AsyncStream<Event>.Continuation
    ) {
        guard let target else { return }
        let pod = PodCapture(fetcher: fetcher, sink: sink, clock: clock, job: job, target: target)
        group.addTask { await pod.run { reports.yield(.step($0)) } }
    }
}

/// The pods of one capture: who waits, how many run, what came of them.
private struct Crew {
    var waiting: ArraySlice<CaptureTarget>
    var progress: CaptureProgress
    var running = 0

    /// The pod whose turn it is.
    mutating func next() -> CaptureTarget? {
        guard let target = waiting.popFirst() else { return nil }
        running += 1
        progress.attempted += 1
        return target
    }

    mutating func note(_ step: PodCapture.Step) {
        if let result = step.result { progress.add(result) }
        guard let isComplete = step.isComplete else { return }
        running -= 1
        if isComplete { progress.succeeded += 1 } else { progress.failed += 1 }
    }

    /// The time is over before their turn came.
    mutating func abandonWaiting(_ error: CaptureError) {
        for target in waiting { progress.refuse(target.pod.key.name, uid: target.pod.uid, error) }
        waiting = []
    }
}

extension CaptureSpec.Target {
    /// The pod's name; empty for a selector.
    var podName: String {
        if case .pod(let name) = self { name } else { "" }
    }
}
