public import APIMachinery
internal import Pprof
internal import ProfileStore

/// Runs one capture from its targets to its final phase.
///
/// Pods run side by side (`parallelism`), the types of one pod one after another, timed ones first: a process takes one CPU
/// profile at a time. A cancelled task leaves the status as it was last reported: either the capture was deleted, or the server
/// stops and the next start resumes it, without taking again what it already has.
public struct CaptureRunner: Sendable {
    private let resolver: TargetResolver
    private let fetcher: ProfileFetcher
    private let sink: any ProfileSink
    private let observer: any CaptureObserver
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - resolver: finds the pods.
    ///   - fetcher: takes one profile.
    ///   - sink: keeps it.
    ///   - observer: writes the status.
    ///   - clock: pauses between attempts and the deadline of the whole.
    ///   - now: wall-clock time for the status.
    public init(
        resolver: TargetResolver, fetcher: ProfileFetcher, sink: any ProfileSink, observer: any CaptureObserver,
        clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.resolver = resolver
        self.fetcher = fetcher
        self.sink = sink
        self.observer = observer
        self.clock = clock
        self.now = now
    }

    /// Runs `job` and reports each step; returns when it is final.
    public func run(_ job: CaptureJob) async {
        var progress = CaptureProgress(resuming: job.earlier)
        progress.phase = .running
        progress.startTime = now()
        await observer.captureChanged(job, progress)
        do {
            let resolution = try await resolver.resolve(job.spec, in: job.key.namespace, for: job.requester)
            progress = begin(progress, resolution)
            progress = await takeAll(job, resolution.targets, progress)
        } catch {
            var result = CaptureProgress.Result(pod: job.spec.target.podName)
            result.error = error
            progress.add(result)
        }
        if Task.isCancelled { return }
        progress.phase = progress.profileCount > 0 ? .succeeded : .failed
        progress.completionTime = now()
        await observer.captureChanged(job, progress)
    }

    private func begin(_ progress: CaptureProgress, _ resolution: TargetResolver.Resolution) -> CaptureProgress {
        var progress = progress
        progress.selected = resolution.selected
        progress.skipped = resolution.skipped
        for (pod, error) in resolution.refused {
            var result = CaptureProgress.Result(pod: pod)
            result.error = error
            progress.add(result)
            progress.failed += 1
        }
        return progress
    }

    /// What the group's children say: a profile was taken or not, a pod is done, the time is over.
    private enum Step: Sendable {
        case podDone([CaptureProgress.Result])
        case deadline
    }

    private func takeAll(_ job: CaptureJob, _ targets: [CaptureTarget], _ begun: CaptureProgress) async -> CaptureProgress {
        var progress = begun
        await withTaskGroup(of: Step.self) { group in
            var waiting = targets.makeIterator()
            var running = 0
            group.addTask {
                try? await clock.sleep(for: job.spec.activeDeadline)
                return .deadline
            }
            while running < job.spec.parallelism, let target = waiting.next() {
                group.addTask { .podDone(await takePod(job, target)) }
                running += 1
                progress.attempted += 1
            }
            while running > 0, let step = await group.next() {
                guard case .podDone(let results) = step else {
                    group.cancelAll()
                    continue
                }
                running -= 1
                note(results, in: &progress)
                if !Task.isCancelled, let target = waiting.next() {
                    group.addTask { .podDone(await takePod(job, target)) }
                    running += 1
                    progress.attempted += 1
                }
                await observer.captureChanged(job, progress)
            }
            group.cancelAll()
        }
        return progress
    }

    private func note(_ results: [CaptureProgress.Result], in progress: inout CaptureProgress) {
        for result in results { progress.add(result) }
        if results.allSatisfy({ $0.error == nil }) { progress.succeeded += 1 } else { progress.failed += 1 }
    }

    private func takePod(_ job: CaptureJob, _ target: CaptureTarget) async -> [CaptureProgress.Result] {
        var results: [CaptureProgress.Result] = []
        for type in job.spec.typesInOrder where !job.has(type, of: target.pod.key.name) {
            results.append(await take(type, job, target))
        }
        return results
    }

    private func take(_ type: ProfileType, _ job: CaptureJob, _ target: CaptureTarget) async -> CaptureProgress.Result {
        var result = CaptureProgress.Result(pod: target.pod.key.name, type: type)
        result.container = target.container
        var pause = job.spec.retry.backoff
        while true {
            result.attempts += 1
            do {
                let fetched = try await fetcher.fetch(type, from: target, job.spec)
                let profile = CapturedProfile(
                    target: target, type: type, bytes: fetched.bytes, facts: fetched.facts, capture: job.key,
                    requester: job.requester, labels: job.spec.profileLabels)
                result.profile = try await sink.store(profile)
                result.bytes = fetched.bytes.count
                result.durationNanos = fetched.facts?.durationNanos ?? 0
                result.error = nil
                return result
            } catch {
                result.error = Task.isCancelled ? CaptureError(.timeout, "stopped: \(error.message)") : error
                guard error.isRetryable, result.attempts <= job.spec.retry.limit, !Task.isCancelled,
                    (try? await clock.sleep(for: pause)) != nil
                else { return result }
                pause = min(pause * 2, .seconds(60))
            }
        }
    }
}

extension CaptureSpec {
    /// cpu and trace first: what waits longest begins first, and nothing else of ours disturbs it.
    var typesInOrder: [ProfileType] {
        types.filter { $0 == .cpu } + types.filter { $0 == .trace } + types.filter { $0 != .cpu && $0 != .trace }
    }
}

extension CaptureSpec.Target {
    /// The pod's name; empty for a selector.
    var podName: String {
        if case .pod(let name) = self { name } else { "" }
    }
}
