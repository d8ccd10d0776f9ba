internal import APIMachinery
internal import Pprof
internal import ProfileStore

/// Takes the profiles of one pod, one after another, each as often as the capture's retry rule allows.
struct PodCapture: Sendable {
    let fetcher: ProfileFetcher
    let sink: any ProfileSink
    let clock: any Clock<Duration>
    let job: CaptureJob
    let target: CaptureTarget

    /// The longest pause between two attempts, unless the first is longer already.
    private static let longestPause = Duration.seconds(60)

    /// What became of one profile, and of the pod if that was its last.
    struct Step: Sendable {
        /// nil where an interrupted capture had every profile already.
        var result: CaptureProgress.Result?
        /// nil while profiles are left; then whether all of them were taken.
        var isComplete: Bool?
    }

    /// Takes what is not there yet; `report` is told of each profile, the last time with the pod's end.
    func run(_ report: (Step) -> Void) async {
        let types = job.spec.typesInOrder.filter { !job.has($0, of: target.pod.key.name) }
        guard !types.isEmpty else { return report(Step(isComplete: true)) }
        var isComplete = true
        for (index, type) in types.enumerated() {
            let result = await take(type)
            if result.error != nil { isComplete = false }
            report(Step(result: result, isComplete: index == types.count - 1 ? isComplete : nil))
        }
    }

    private func take(_ type: ProfileType) async -> CaptureProgress.Result {
        var result = CaptureProgress.Result(pod: target.pod.key.name, type: type)
        result.podUID = target.pod.uid
        result.container = target.container
        var pause = job.spec.retry.backoff
        while true {
            guard !Task.isCancelled else {
                result.error = result.error ?? job.spec.deadlineError("not begun")
                return result
            }
            result.attempts += 1
            do {
                try await attempt(type, &result)
                return result
            } catch {
                result.error = Task.isCancelled ? job.spec.deadlineError(error.message) : error
                guard error.isRetryable, result.attempts <= job.spec.retry.limit,
                    (try? await clock.sleep(for: pause)) != nil
                else { return result }
                pause = max(pause, min(pause * 2, Self.longestPause))
            }
        }
    }

    private func attempt(_ type: ProfileType, _ result: inout CaptureProgress.Result) async throws(CaptureError) {
        let fetched = try await fetcher.fetch(type, from: target, job.spec)
        result.profile = try await sink.store(
            CapturedProfile(
                target: target, type: type, bytes: fetched.bytes, facts: fetched.facts, capture: job.key,
                captureUID: job.uid, requester: job.requester, labels: job.spec.profileLabels))
        result.bytes = fetched.bytes.count
        result.durationNanos = fetched.facts?.durationNanos ?? 0
        result.error = nil
    }
}

extension CaptureSpec {
    /// cpu and trace first: what waits longest begins first, and nothing else of ours disturbs it.
    var typesInOrder: [ProfileType] {
        types.filter { $0 == .cpu } + types.filter { $0 == .trace } + types.filter { $0 != .cpu && $0 != .trace }
    }

    /// The capture's own time is over.
    func deadlineError(_ what: String) -> CaptureError {
        CaptureError(.timeout, "activeDeadlineSeconds (\(activeDeadline.components.seconds)) passed: \(what)")
    }
}
