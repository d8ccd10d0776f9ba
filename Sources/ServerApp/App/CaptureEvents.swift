internal import APIMachinery
internal import KubeClient
internal import ProfileCapture
internal import ProfileStore
internal import ProfilesAPI

/// Makes of what captures come to events on the capture and on the pod: what `kubectl describe` shows.
///
/// | reason | severity | on |
/// |---|---|---|
/// | `Profiled` | Normal | the capture, the pod |
/// | `ProfileFailed` | Warning | the capture; the pod, if there is one |
struct CaptureEvents: Sendable {
    let recorder: EventRecorder

    /// Records one result of a capture; a cancelled one is none.
    func record(_ job: CaptureJob, _ result: CaptureProgress.Result) {
        if let error = result.error {
            guard error.code != .cancelled else { return }
            put(on: job, result, .warning, "ProfileFailed", "\(error)")
        } else if let profile = result.profile {
            put(on: job, result, .normal, "Profiled", "\(profile) (\(result.bytes) bytes)")
        }
    }

    private func put(
        on job: CaptureJob, _ result: CaptureProgress.Result, _ severity: KubeEvent.Severity, _ reason: String,
        _ outcome: String
    ) {
        let type = result.type?.rawValue ?? "all"
        let pod = result.pod.isEmpty ? "" : " of pod \(result.pod)"
        let capture = KubeObjectReference(
            apiVersion: ProfilesGroup.groupVersion.description, kind: "ProfileCapture", namespace: job.key.namespace,
            name: job.key.name, uid: job.uid)
        recorder.record(
            KubeEvent(
                regarding: capture, severity: severity, reason: reason, action: "Capture",
                note: "\(type)\(pod): \(outcome)"))
        guard !result.podUID.isEmpty else { return }
        let target = KubeObjectReference(
            apiVersion: "v1", kind: "Pod", namespace: job.key.namespace, name: result.pod, uid: result.podUID)
        recorder.record(
            KubeEvent(
                regarding: target, severity: severity, reason: reason, action: "Capture",
                note: "\(type) for ProfileCapture \(job.key.name): \(outcome)"))
    }
}
