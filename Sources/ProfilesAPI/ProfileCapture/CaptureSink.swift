internal import APIMachinery
internal import ProfileCapture
internal import ProfileStore

/// Turns what a capture fetched into Profile objects.
struct CaptureSink: ProfileSink {
    let writer: ProfileWriter

    func store(_ profile: CapturedProfile) async throws(CaptureError) -> String {
        let pod = profile.target.pod
        var metadata = ObjectMeta()
        metadata.namespace = pod.key.namespace
        var origin = ProfileOrigin(
            metadata: metadata, service: profile.target.service, type: profile.type, requestedBy: profile.requester.name
        )
        origin.labels = profile.labels
        origin.instance = profile.target.host
        origin.pod = ProfileOrigin.PodReference(name: pod.key.name, uid: pod.uid)
        origin.container = profile.target.container.isEmpty ? nil : profile.target.container
        origin.nodeName = pod.nodeName.isEmpty ? nil : pod.nodeName
        origin.workload = pod.workload.map { "\($0.kind.lowercased()).\($0.name)" }
        origin.sourceKind = .capture
        origin.sourceName = profile.capture.name
        origin.sourceUID = profile.captureUID
        do throws(StoreError) {
            let checked = CheckedProfile(bytes: profile.bytes, facts: profile.facts)
            return try await writer.write(origin, checked).name
        } catch {
            throw CaptureError(.storeUnavailable, "the profile could not be kept: \(error.message)")
        }
    }
}
